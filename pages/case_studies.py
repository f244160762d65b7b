"""Case studies: the towns of the documents, what was tried there, and what came of it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages._ui import address, case_view, directory, downloads, frame, like_towns, state
from pages._ui import selection as choice
from pages._ui.links import link
from pages._ui.texts import _
from pipelines.serve import cases, catalogue, queries
from pipelines.serve.store import Store

PICKER = choice.Picker("case", "points", map="cases_map", table="cases_table")


def main(store: Store) -> None:
    """Draw the page."""
    st.title(_("What was tried, and what came of it?"))
    every = state.ask(store, cases.case_studies)
    by_id = {case["id"]: case for case in every}
    case_view.read_address(store, PICKER, by_id)
    with st.sidebar:
        st.header(_("Filter case studies"))
        listed = read_filter(store, every)
    slug = state.select(
        _("Case study"),
        list(by_id),
        PICKER.target,
        format_func=lambda i: by_id[i]["name"],
        index=None,
        placeholder=_("Choose one"),
    )
    with frame.map_left(
        store,
        PICKER,
        frame.point_deck(store, case_view.points(listed), slug, True),
        _("Map of case studies"),
        (*downloads.DOCUMENTS, frame.LAND),
        note=_("Purple: an experiment or plan is described; grey: named without one. EPSG:3035."),
        shares=(3, 2),
    ):
        if listed:
            case_view.table(store, listed, PICKER)
            without = sum(case["lon"] is None for case in listed)
            if without:
                st.caption(_("{n} have no point (countries): see the table.").format(n=without))
        else:
            st.info(_("No case fits this filter."))
    ids = [case["id"] for case in listed]
    downloads.buttons(store, "case_studies", "id", ids, "case studies")
    if slug:
        _case(store, by_id[slug])
    else:
        st.info(_("Choose a case study by name, on the map or in the table."))


def read_filter(store: Store, every: cases.Rows) -> cases.Rows:
    """Draw the filter and return the case studies that it leaves."""
    names = state.country_names(store)
    countries = state.multiselect(
        _("Country"),
        sorted({c["country"] for c in every if c["country"]}),
        "country",
        format_func=lambda c: names.get(c, c),
        **state.country_codes(store),
    )
    kinds = state.multiselect(_("Kind"), sorted({c["kind"] for c in every}), "kind")
    tried = address.checkbox(st, _("Only with an experiment or plan"), "tried")
    return [
        c
        for c in every
        if (not countries or c["country"] in countries)
        and (not kinds or c["kind"] in kinds)
        and (not tried or c["experiments"])
    ]


def _case(store: Store, case: dict[str, Any]) -> None:
    """Draw one case study in full."""
    case_view.head(case)
    for row in state.ask(store, cases.experiments, case["id"]):
        case_view.experiment(row, case["id"])
    case_view.figures(store, state.ask(store, cases.figures, case["id"]))
    case_view.places(state.ask(store, cases.places_of, case["id"]), case["id"])
    case_view.answers(state.ask(store, cases.answers_of, case["id"]))
    if case["nuts"]:
        case_view.regions(state.ask(store, cases.regions_of, tuple(case["nuts"])))
    if not case["geonameid"]:
        return
    case_view.in_europe(store, state.ask(store, catalogue.in_europe, case["geonameid"]), case)
    town = state.ask(store, queries.town, case["geonameid"])
    if town:
        like_towns.show(store, town, with_choices=False)
        name, choice = town["name"], {"town": town["geonameid"]}
        profile = _("{name}: profile and more choices").format(name=name)
        link("pages/small_towns.py", profile, choice)
        fits = _("What fits {name}: with what the documents say of it").format(name=name)
        link("pages/what_fits.py", fits, choice)


if __name__ == "__main__":  # as Streamlit runs a page's file
    directory.run(main)

"""Case studies: the towns of the documents, what was tried there, and what came of it."""

from __future__ import annotations

import streamlit as st

from pages._ui import address, case_view, directory, downloads, frame, like_towns, state, words
from pages._ui import selection as choice
from pages._ui.texts import _, plain
from pipelines.serve import catalogue, queries
from pipelines.serve.store import Store

PICKER = choice.Picker("case", "points", map="cases_map", table="cases_table")


def main(store: Store) -> None:
    """Draw the page."""
    st.title(_("What was tried, and what came of it?"))
    cases = state.ask(store, catalogue.case_studies)
    by_id = {case["id"]: case for case in cases}
    with st.sidebar:
        st.header(_("Filter case studies"))
        listed = read_filter(store, cases)
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


def read_filter(store: Store, cases: catalogue.Rows) -> catalogue.Rows:
    """Draw the filter and return the case studies that it leaves."""
    names = state.country_names(store)
    countries = state.multiselect(
        _("Country"),
        sorted({c["country"] for c in cases if c["country"]}),
        "country",
        format_func=lambda c: names.get(c, c),
        **state.country_codes(),
    )
    kinds = state.multiselect(_("Kind"), sorted({c["kind"] for c in cases}), "kind")
    tried = address.checkbox(st, _("Only with an experiment or plan"), "tried")
    return [
        c
        for c in cases
        if (not countries or c["country"] in countries)
        and (not kinds or c["kind"] in kinds)
        and (not tried or c["experiments"])
    ]


def _case(store: Store, case: dict[str, object]) -> None:
    """Draw one case study in full."""
    case_view.head(case)
    for row in state.ask(store, catalogue.experiments, case["id"]):
        case_view.experiment(row)
    case_view.figures(store, state.ask(store, catalogue.figures, case["id"]))
    places = state.ask(store, catalogue.places_of, case["id"])
    if places:
        st.subheader(_("Places, events, bodies and programmes"))
        st.markdown(
            "\n".join(
                f"- **{plain(p['name'])}** ({words.code(p['type'])}): {plain(p['description'])}"
                for p in places
            )
        )
    if not case["geonameid"]:
        return
    case_view.in_europe(store, state.ask(store, catalogue.in_europe, case["geonameid"]), case)
    town = state.ask(store, queries.town, case["geonameid"])
    if town:
        like_towns.show(store, town, with_choices=False)
        st.page_link(
            "pages/small_towns.py",
            label=_("{name}: profile and more choices").format(name=plain(town["name"])),
            query_params={"town": str(town["geonameid"])},
        )


if __name__ == "__main__":  # as Streamlit runs a page's file
    directory.run(main)

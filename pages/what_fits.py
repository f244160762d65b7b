"""What fits here: practices whose own conditions a town meets, and all of them to browse."""

from __future__ import annotations

from contextvars import copy_context
from typing import Any

import streamlit as st

from pages._ui import address, directory, downloads, fit_answers, fit_view, state, words
from pages._ui import selection as choice
from pages._ui.texts import _, plain
from pipelines.serve import cases, catalogue, fits
from pipelines.serve.filters import PracticeFilter
from pipelines.serve.store import Store

SOURCES = ("geonames_cities500", "gisco_nuts_2021")


def main(store: Store) -> None:
    """Draw the page."""
    st.title(_("What fits here?"))
    st.markdown(
        _(
            "Recommendations of five documents, each with the contexts that it fits. The data "
            "answers some conditions of a town; you answer the rest. The order is an aid to "
            "reading, no forecast."
        )
    )
    with st.sidebar:
        st.header(_("Filter practices"))
        selection = read_filter(store)
    town = choice.town(store)
    if town:
        _town(store, town, selection)
    else:
        st.info(_("Choose a town by name to see what fits it, or browse the practices below."))
        _browse(store, selection)
    with st.expander(_("Concepts behind the practices")):
        names = state.ask(store, catalogue.concept_tables)
        chosen = state.select(_("Table"), names, "concept", format_func=words.code)
        fit_view.concepts(state.ask(store, catalogue.concepts, chosen))
    st.caption(state.attribution(store, (*SOURCES, *downloads.DOCUMENTS)))


def read_filter(store: Store) -> PracticeFilter:
    """Draw the filter and return the selection of practices."""
    choices = state.ask(store, catalogue.practice_choices)
    questions = {c["id"]: c["question"] for c in state.ask(store, catalogue.conditions)}

    def many(label: str, column: str, key: str) -> tuple[str, ...]:
        return state.multiselect(label, choices[column], key, format_func=words.code)

    return PracticeFilter(
        funding=state.multiselect(
            _("Fund"), choices["funding"], "fund", format_func=lambda f: _(words.FUNDS[f])
        ),
        focal_points=many(_("Focal point (ReSOMA)"), "focal_points", "focal"),
        actors=many(_("Who acts"), "actors", "actor"),
        target_groups=many(_("For"), "target_groups", "for"),
        document=state.multiselect(_("Document"), choices["document"], "document"),
        conditions=state.multiselect(
            _("Condition"), questions, "condition", format_func=lambda c: _(questions[c])
        ),
        tried=address.checkbox(st, _("Only what was tried somewhere"), "tried"),
    )


def _browse(store: Store, selection: PracticeFilter) -> None:
    """Draw the selected practices without a town, each with where it fits."""
    listed = fits.ranked_practices(store, {}, selection)
    total = len(state.ask(store, catalogue.practices))
    st.subheader(_("{n} of {total} practices").format(n=len(listed), total=total))
    if not listed:
        st.info(_("No practice fits this filter. Remove a value in the sidebar."))
        return
    names = _case_names(store)
    fit_view.listing(listed, names)
    ids = [fit.practice["id"] for fit in listed]
    downloads.rows(
        store,
        "practices",
        lambda: downloads.rows_of(store, "practices", "id", ids),
        selection.words(),
    )
    for place in _page_of(len(listed)):
        fit_view.browse_card(listed[place], names)


def _page_of(total: int) -> range:
    """Draw how many cards stand on a page, and which page; return the places of its cards."""
    many, number = st.columns(2)
    most = many.selectbox(_("How many"), [10, 25, 50], key="number")
    pages = max(1, -(-total // most))
    label = _("Page of {n}").format(n=pages)
    page = number.selectbox(label, range(1, pages + 1), disabled=pages == 1)
    return range((page - 1) * most, min(page * most, total))


def _case_names(store: Store) -> dict[str, str]:
    return {case["id"]: case["name"] for case in state.ask(store, cases.case_studies)}


def _town(store: Store, town: dict[str, Any], selection: PracticeFilter) -> None:
    """Draw questions and practices of one town."""
    conditions = state.ask(store, catalogue.conditions)
    data: dict[str, str | None] = dict(state.ask(store, catalogue.data_answers, town["geonameid"]))
    said = state.ask(store, cases.document_answers, town["geonameid"])
    st.header(f"{plain(town['name'])}, {_(town['country_name'])}")
    left, right = st.columns([2, 3])
    with left:
        st.subheader(_("What the data answers"))
        for row in [c for c in conditions if c["answered_by"] == "data"]:
            answer = words.code(data.get(row["id"]))
            st.markdown(f"- {plain(_(row['question']))} **{plain(answer)}**")
        posed = [c for c in conditions if c["answered_by"] == "user"]
        given = fit_answers.read(store, town["geonameid"], posed, said)
    with right:
        _practices(store, town, selection, {**data, **given.all}, given)


def _practices(
    store: Store,
    town: dict[str, Any],
    selection: PracticeFilter,
    answers: dict[str, str | None],
    given: fit_answers.Given,
) -> None:
    names = _case_names(store)
    here = state.ask(store, cases.cases_at, town["geonameid"])
    ranked = fits.ranked_practices(store, answers, selection, here)
    own = [fit for fit in ranked if fit.was_tried_at(here)]
    if own:
        st.subheader(_("Tried here"))
        fit_view.tried(own, ranked)
    st.subheader(_("Practices, best fit first"))
    places = _page_of(len(ranked))
    st.caption(
        _("{n} practices; {blocked} lack something that they need and come last.").format(
            n=len(ranked), blocked=sum(fit.is_blocked for fit in ranked)
        )
    )
    notes, context = _notes(store), copy_context()

    def brief() -> str:
        return fits.brief_html(
            f"{town['name']}, {town['country_name']}",
            fits.plain_facts(town),
            given.by_user,
            ranked,
            names,
            notes,
            documents=given.by_document,
            assessment=given.assessment,
            here=here,
        )

    st.download_button(
        _("Two-page brief (HTML, to print)"),
        icon=":material/print:",
        mime="text/html",
        # Made when it is asked for, in the language of the visit.
        data=lambda: context.copy().run(brief),
        file_name=f"hinterland-brief-{town['geonameid']}.html",
        on_click="ignore",
    )
    left_out = own and address.checkbox(st, _("Leave out what was tried here"), "new_only")
    for place in places:
        fit = ranked[place]
        if not (left_out and fit.was_tried_at(here)):
            fit_view.card(place + 1, fit, names, fit.was_tried_at(here))
    fit_view.table(ranked)


def _notes(store: Store) -> list[str]:
    """Return what stands at the end of the brief: sources and database."""
    used = (*SOURCES, "jrc_census_population", *downloads.DOCUMENTS)
    pointer = store.pointer
    return [
        state.attribution(store, used),
        _(
            "Database {hash}, built {when}. Roles and minutes are our estimates; cost levels and "
            "horizons are ours where marked."
        ).format(hash=pointer.hash, when=pointer.built_at),
    ]


if __name__ == "__main__":  # as Streamlit runs a page's file
    directory.run(main)

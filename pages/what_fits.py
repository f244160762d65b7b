"""What fits here: practices whose own conditions a town meets, explained."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages._ui import directory, downloads, fit_view, state, words
from pages._ui import selection as choice
from pages._ui.texts import _, plain
from pipelines.serve import catalogue, fits
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
    town = choice.town(store)
    if town:
        _town(store, town)
    else:
        st.info(_("Choose a town by name."))
    with st.expander(_("Concepts behind the practices")):
        names = state.ask(store, catalogue.concept_tables)
        chosen = state.select(_("Table"), names, "concept", format_func=words.code)
        fit_view.concepts(state.ask(store, catalogue.concepts, chosen))
    st.caption(state.attribution(store, (*SOURCES, *downloads.DOCUMENTS)))


def _town(store: Store, town: dict[str, Any]) -> None:
    """Draw questions and practices of one town."""
    conditions = state.ask(store, catalogue.conditions)
    answers = dict(state.ask(store, catalogue.data_answers, town["geonameid"]))
    st.header(f"{plain(town['name'])}, {_(town['country_name'])}")
    left, right = st.columns([2, 3])
    with left:
        st.subheader(_("What the data answers"))
        for row in [c for c in conditions if c["answered_by"] == "data"]:
            answer = words.code(answers.get(row["id"]))
            st.markdown(f"- {plain(_(row['question']))} **{plain(answer)}**")
        st.subheader(_("What only you know"))
        st.caption(
            _("Leave open what you do not know. Those that bear on most practices come first.")
        )
        user_answers = fit_view.questionnaire([c for c in conditions if c["answered_by"] == "user"])
    ranked = fits.ranked_practices(store, answers | user_answers)
    with right:
        _practices(store, town, conditions, user_answers, ranked)


def _practices(
    store: Store,
    town: dict[str, Any],
    conditions: list[dict[str, Any]],
    user_answers: dict[str, str],
    ranked: list[fits.Fit],
) -> None:
    cases = {c["id"]: c["name"] for c in state.ask(store, catalogue.case_studies)}
    st.subheader(_("Practices, best fit first"))
    most = st.selectbox(_("How many"), [10, 25, 50, len(ranked)], key="number")
    st.caption(
        _("{n} practices; {blocked} lack something that they need and come last.").format(
            n=len(ranked), blocked=sum(fit.is_blocked for fit in ranked)
        )
    )
    questions = {c["id"]: c["question"] for c in conditions}
    brief = fits.brief_html(
        f"{town['name']}, {town['country_name']}",
        fits.plain_facts(town),
        {questions[name]: answer for name, answer in user_answers.items()},
        ranked,
        cases,
        _notes(store),
    )
    st.download_button(
        _("Two-page brief (HTML, to print)"),
        icon=":material/print:",
        mime="text/html",
        data=brief,
        file_name=f"hinterland-brief-{town['geonameid']}.html",
        on_click="ignore",
    )
    for number, fit in enumerate(ranked[:most], start=1):
        fit_view.card(number, fit, cases)
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

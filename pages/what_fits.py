"""What fits here: practices whose own conditions a town meets, explained."""

from __future__ import annotations

import streamlit as st

from pages._ui import downloads, fit_view, state, town_picker, words
from pipelines.fits.brief import brief_html, plain_facts
from pipelines.fits.judge import ranked
from pipelines.serve import catalogue

store = state.open_store()
st.title("What fits here?")
st.markdown(
    "Recommendations of five documents, each with the contexts that it fits. The data answers some "
    "conditions of a town; you answer the rest. The order is an aid to reading, no forecast."
)
town = town_picker.pick(store)
if not town:
    st.info("Choose a town by name.")
else:
    conditions = state.ask(store, catalogue.conditions)
    answers = dict(state.ask(store, catalogue.data_answers, town["geonameid"]))
    st.header(f"{town['name']}, {town['country_name']}")
    left, right = st.columns([2, 3])
    with left:
        st.subheader("What the data answers")
        for row in [c for c in conditions if c["answered_by"] == "data"]:
            st.markdown(f"- {row['question']} **{words.code(answers.get(row['id']))}**")
        st.subheader("What only you know")
        st.caption("Leave open what you do not know. Those that bear on most practices come first.")
        said = fit_view.questionnaire([c for c in conditions if c["answered_by"] == "user"])
        answers |= said

    fits = ranked(
        state.ask(store, catalogue.practices),
        state.ask(store, catalogue.practice_fits),
        answers,
        state.ask(store, catalogue.fit_weights),
    )
    cases = {c["id"]: c["name"] for c in state.ask(store, catalogue.case_studies)}
    with right:
        st.subheader("Practices, best fit first")
        wanted = st.selectbox("How many", [10, 25, 50, len(fits)], key="number")
        blocked = sum(f.is_blocked for f in fits)
        st.caption(f"{len(fits)} practices; {blocked} lack something that they need and come last.")
        questions = {c["id"]: c["question"] for c in conditions}
        pointer = store.pointer
        used = ("geonames_cities500", "gisco_nuts_2021", "jrc_census_population")
        notes = [
            state.attribution(store, (*used, *downloads.DOCUMENTS)),
            f"Database {pointer.hash}, built {pointer.built_at}. Roles and minutes are our "
            "estimates; cost levels and horizons are ours where marked.",
        ]
        st.download_button(
            "Two-page brief (HTML, to print)",
            icon=":material/print:",
            mime="text/html",
            data=brief_html(
                f"{town['name']}, {town['country_name']}",
                plain_facts(town),
                {questions[c]: a for c, a in said.items()},
                fits,
                cases,
                notes,
            ),
            file_name=f"hinterland-brief-{town['geonameid']}.html",
            on_click="ignore",
        )
        for number, fit in enumerate(fits[:wanted], start=1):
            fit_view.card(number, fit, cases)
        fit_view.table(fits)

with st.expander("Concepts behind the practices"):
    chosen = st.selectbox(
        "Table",
        state.ask(store, catalogue.concept_tables),
        format_func=words.code,
        key="concept",
        bind="query-params",
    )
    fit_view.concepts(state.ask(store, catalogue.concepts, chosen))
st.caption(
    state.attribution(store, ("geonames_cities500", "gisco_nuts_2021", *downloads.DOCUMENTS))
)

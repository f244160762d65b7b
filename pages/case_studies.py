"""Case studies: the towns of the documents, what was tried there, and what came of it."""

from __future__ import annotations

import streamlit as st

from pages._ui import case_view, downloads, like_towns, maps, state, words
from pipelines.serve import catalogue, queries

store = state.open_store()
st.title("What was tried, and what came of it?")

cases = state.ask(store, catalogue.case_studies)
by_id = {c["id"]: c for c in cases}


def take_click() -> None:
    """Put the clicked case into the address bar."""
    if picked := maps.clicked("cases_map", "points", "id"):
        st.session_state["case"] = picked


def take_row() -> None:
    """Put the case of the chosen row into the address bar."""
    chosen = st.session_state["cases_table"]["selection"]["rows"]
    if chosen:
        st.session_state["case"] = listed[chosen[0]]["id"]


names = state.country_names(store)
with st.sidebar:
    st.header("Filter case studies")
    countries = state.multiselect(
        "Country",
        sorted({c["country"] for c in cases if c["country"]}),
        "country",
        format_func=lambda c: names.get(c, c),
    )
    kinds = state.multiselect("Kind", sorted({c["kind"] for c in cases}), "kind")
    tried = st.checkbox("Only with an experiment or plan", key="tried", bind="query-params")
listed = [
    c
    for c in cases
    if (not countries or c["country"] in countries)
    and (not kinds or c["kind"] in kinds)
    and (not tried or c["experiments"])
]

shown = st.selectbox(
    "Case study",
    list(by_id),
    format_func=lambda i: by_id[i]["name"],
    key="case",
    bind="query-params",
    index=None,
    placeholder="Choose one",
)
left, right = st.columns([3, 2])
with left:
    points = case_view.points(listed)
    deck = maps.point_deck(
        state.region_files(store, "regions-0"),
        points,
        shown,
        maps.EUROPE,
        state.point_labels(points, maps.EUROPE),
    )
    maps.show(deck, "cases_map", "Map of case studies", take_click)
    st.caption(
        "Purple: an experiment or plan is described; grey: named without one. EPSG:3035. "
        + state.attribution(store, (*downloads.DOCUMENTS, "natural_earth_land"))
    )
with right:
    if listed:
        case_view.table(listed, take_row)
        without = sum(c["lon"] is None for c in listed)
        if without:
            st.caption(f"{without} have no point (countries): see the table.")
    else:
        st.info("No case fits this filter.")
downloads.buttons(store, "case_studies", "id", [c["id"] for c in listed], "case studies")

if shown:
    case = by_id[shown]
    case_view.head(case)
    for row in state.ask(store, catalogue.experiments, shown):
        case_view.experiment(row)
    case_view.figures(state.ask(store, catalogue.figures, shown))
    places = state.ask(store, catalogue.places_of, shown)
    if places:
        st.subheader("Places, events, bodies and programmes")
        st.markdown(
            "\n".join(
                f"- **{words.plain(p['name'])}** ({words.code(p['type'])}): "
                f"{words.plain(p['description'])}"
                for p in places
            )
        )
    if case["geonameid"]:
        case_view.in_europe(state.ask(store, catalogue.in_europe, case["geonameid"]), case)
        town = state.ask(store, queries.town, case["geonameid"])
        if town:
            like_towns.show(store, town, with_choices=False)
            st.page_link(
                "pages/small_towns.py",
                label=f"{town['name']}: profile and more choices",
                query_params={"town": str(town["geonameid"])},
            )
else:
    st.info("Choose a case study by name, on the map or in the table.")

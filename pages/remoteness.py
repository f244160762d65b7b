"""Remoteness: how far settlements and regions are from towns, and what if a site closed."""

from __future__ import annotations

import streamlit as st

from pages._ui import remoteness_views as views
from pages._ui import state, town_picker, whatif_view
from pipelines.serve import travel_queries as asked
from pipelines.serve.thresholds import thresholds

VIEWS = {
    "settlements": "Settlements",
    "regions": "Regions",
    "around": "Around a town",
    "whatif": "What if a site closed or opened",
}
LEVELS = {3: "NUTS 3", 2: "NUTS 2", 1: "NUTS 1", 0: "Countries"}
CUTS = asked.SNAI_CUTS

store = state.open_store()
st.title("How far is it to the next town?")


def edition_cuts(edition: str) -> tuple[float, ...]:
    """Return the published minutes of an edition."""
    published = state.ask(store, thresholds)
    return tuple(published[f"remoteness_snai_{cut}_{edition}_min"] for cut in CUTS)


def take_edition() -> None:
    """Set the three sliders to an edition's minutes."""
    for cut, value in zip(CUTS, edition_cuts(st.session_state["edition"]), strict=True):
        st.session_state[f"cut_{cut}"] = value


with st.sidebar:
    st.header("Show")
    view = st.selectbox("View", list(VIEWS), format_func=VIEWS.get, key="view", bind="query-params")
    if view in ("settlements", "regions"):
        step = st.selectbox(
            "Minutes to",
            list(views.STEPS),
            format_func=views.STEPS.get,
            key="step",
            bind="query-params",
        )
    if view == "settlements":
        names = state.country_names(store)
        countries = state.multiselect("Country", list(names), "country", format_func=names.get)
        edition = st.selectbox(
            "Start from the minutes of",
            ["2020", "2014"],
            key="edition",
            bind="query-params",
            on_change=take_edition,
        )
        published = edition_cuts(edition)
        chosen = [
            st.slider(
                f"{cut.capitalize()} ends at, minutes",
                5.0,
                180.0,
                value,
                0.1,
                key=f"cut_{cut}",
                bind="query-params",
            )
            for cut, value in zip(CUTS, published, strict=True)
        ]
        cuts = tuple(sorted(chosen))
        if list(cuts) != chosen:
            st.caption("The three are taken in rising order.")
        words = f"SNAI {edition}" if cuts == published else "moved by you"
    elif view == "regions":
        level = st.selectbox(
            "Level", list(LEVELS), format_func=LEVELS.get, key="level", bind="query-params"
        )
        column = st.selectbox(
            "Colour by",
            list(views.REGION_MEASURES),
            key="by",
            bind="query-params",
            format_func=lambda c: views.REGION_MEASURES[c].label,
        )
        limit = st.slider(
            "Limit, minutes",
            5,
            180,
            int(state.ask(store, thresholds)["remoteness_close_to_city_min"]),
            key="limit",
            bind="query-params",
            help="45 minutes: close to a city (Dijkstra and Poelman 2008); 60: OECD.",
        )
        share = st.slider(
            "Close if this share of people is within",
            0.1,
            0.9,
            state.ask(store, thresholds)["remoteness_close_share"],
            0.05,
            key="share",
            bind="query-params",
        )
        if level != 3 and not views.REGION_MEASURES[column].unit:
            st.caption("Types exist for level 3 only.")
    elif view == "whatif":
        services = {s["service"]: s for s in state.ask(store, asked.services)}
        service = st.selectbox(
            "Service",
            list(services),
            key="service",
            bind="query-params",
            format_func=lambda s: services[s]["label"],
        )
        st.caption(services[service]["note"])

town = town_picker.pick(store) if view != "regions" else None
if view == "settlements":
    views.settlements(store, step, cuts, countries, words)
    if town:
        st.caption(
            f"Chosen: {town['name']}, {town['country_name']}: {town['remoteness']}, "
            "by the thresholds of the build. Its surroundings are under "
            "'Around a town'."
        )
elif view == "regions":
    views.regions(store, step, level, column, float(limit), share)
elif view == "around":
    views.around(store, town)
else:
    whatif_view.show(store, services[service], town)

"""Services: who reaches which, against a limit that can be moved; own facilities."""

from __future__ import annotations

import streamlit as st

from pages._ui import format, own_view, service_views, state
from pipelines.serve import travel_queries as asked

LEVELS = {3: "NUTS 3", 2: "NUTS 2", 1: "NUTS 1", 0: "Countries"}
PLACES = {"settlements": "Settlements", "regions": "Regions"}

store = state.open_store()
st.title("Who can reach which service?")
services = {s["service"]: s for s in state.ask(store, asked.services)}
labels = {key: s["label"] for key, s in services.items()} | {service_views.OWN: "Your own file"}


def take_service() -> None:
    """Set the limit to the reference line of the service."""
    if chosen := services.get(st.session_state["service"]):
        st.session_state["minutes"] = int(chosen["reference_min"])


with st.sidebar:
    st.header("Service")
    name = st.selectbox(
        "Service",
        list(labels),
        format_func=labels.get,
        key="service",
        bind="query-params",
        on_change=take_service,
    )
    own = name == service_views.OWN
    place = "settlements"
    if not own:
        place = st.selectbox(
            "Show", list(PLACES), format_func=PLACES.get, key="place", bind="query-params"
        )
    if place == "regions":
        level = st.selectbox(
            "Level", list(LEVELS), format_func=LEVELS.get, key="level", bind="query-params"
        )
    options = (
        service_views.TOWN_MEASURES if place == "settlements" else (service_views.REGION_MEASURES)
    )
    column = st.selectbox(
        "Colour by",
        list(options),
        key=f"by_{place}",
        bind="query-params",
        format_func=lambda c: options[c].measure.label,
    )
    reference = int(services.get(name, next(iter(services.values())))["reference_min"])
    limit = float(
        st.slider("Limit, minutes", 5, 120, reference, key="minutes", bind="query-params")
    )
    if own:
        st.caption("The limit colours the map and cuts the list.")
    else:
        st.caption(f"Reference line: {reference} minutes.")
    names = state.country_names(store)
    countries: tuple[str, ...] = ()
    if place == "settlements":
        countries = state.multiselect(
            "Country (list and view)", list(names), "country", format_func=names.get
        )

if own:
    own_view.show(store, column, limit, countries)
else:
    service = services[name]
    if service["kind"] == "stand-in":
        st.caption(f"A stand-in for services, not a list of them. {service['note']}")
    else:
        st.caption(
            f"{service['note']} {service['countries_covered']} countries: {service['countries']}."
        )
    if place == "settlements":
        values = state.ask(store, asked.town_access, name, column)["value"]
        service_views.towns_view(store, service, values, column, limit, countries)
        service_views.worst_list(store, service, limit, countries)
    else:
        service_views.regions_view(store, service, column, level, limit)
    with st.expander("Sites, gaps, and what the supply score shares out"):
        st.markdown(
            f"- {service['sites']:,} sites, {service['sites_set_aside']:,} of them set aside: "
            "further than 30 km from every settlement.\n"
            f"- The supply score shares out {service['capacity_basis']} "
            f"({service['capacity_unit']}); a capacity that is missing is not taken for zero.\n"
            "- People abroad compete for sites, and sites abroad count; the border effect says "
            "how much."
        )
        gaps = state.ask(store, asked.set_aside)
        if len(gaps):
            st.dataframe(gaps, hide_index=True, alt="Gaps of the files", placeholder=format.NONE)
        else:
            st.caption("No file of services was fetched; only the tiers of centres are measured.")

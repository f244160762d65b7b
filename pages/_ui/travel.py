"""The network and what is measured on it, kept once a database; the choice of a town."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import maps, state
from pages._ui.measures import YLGNBU, Measure
from pipelines.serve import queries, travel
from pipelines.serve.store import Store
from pipelines.travel.network import Network

SOURCES = ("geonames_cities500", "gisco_nuts_2021", "natural_earth_land")
# From near to far: light to dark; the classes of remoteness go the same way.
NEAR_TO_FAR = YLGNBU
REMOTENESS = ("#8a8a8a", "#ffffb2", "#fecc5c", "#f03b20", "#7a0177")
# Gains are purple, losses orange, as on the other maps.
GAIN_TO_LOSS = ("#2d004b", "#542788", "#998ec3", "#d0d0d0", "#f1a340", "#d95f0e", "#7f3b08")
ESTIMATE = "Minutes are estimated, by car in free flow (docs/travel-time.md)."
RECOMPUTED = "Re-computed, not official."


@st.cache_resource(max_entries=2, show_spinner="Reading the network")
def _network(content: str, _store: Store) -> Network:
    return travel.network(_store)


def network(store: Store) -> Network:
    """Return the network of a database."""
    return _network(store.pointer.file, store)


@st.cache_resource(max_entries=8, show_spinner="Reading the sites")
def _scenario(content: str, service: str, _store: Store) -> travel.Scenario:
    return travel.scenario(_store, network(_store), service)


def scenario(store: Store, service: str) -> travel.Scenario:
    """Return the what-if of a service."""
    return _scenario(store.pointer.file, service, store)


@st.cache_data(max_entries=64, show_spinner=False)
def _bands(content: str, geonameid: int, _net: Network) -> pd.Series:
    return travel.minutes_around(_net, geonameid)


def bands(store: Store, net: Network, geonameid: int) -> pd.Series:
    """Return the minutes of every settlement to one, in map order."""
    return _bands(store.pointer.file, geonameid, net)


@st.cache_resource(max_entries=4, show_spinner="Measuring who reaches your facilities")
def _own(content: str, name: str, data: bytes, _store: Store) -> travel.OwnReach:
    return travel.reach_of_file(_store, network(_store), name, data)


def own_reach(store: Store, name: str, data: bytes) -> travel.OwnReach:
    """Return the reach of a file that the user gave."""
    return _own(store.pointer.file, name, data, store)


def sources_of(service: dict[str, Any]) -> tuple[str, ...]:
    """Return what a service's reach is made from."""
    # A user's own facilities have no source.
    return (*SOURCES, service["source"]) if service.get("source") else SOURCES


def measure(
    label: str, unit: str, number: str, colours: tuple[str, ...], *categories: str
) -> Measure:
    """Return a measure of travel or service that a map can show."""
    return Measure(label, label, label, unit, number, colours, SOURCES, tuple(categories))


def take_click(key: str) -> None:
    """Put the clicked settlement into the address bar."""
    if picked := maps.clicked(key, "towns", "id"):
        st.session_state["town"] = str(picked)


def profile_link(key: str) -> None:
    """Link to the profile of the region that was clicked on a map."""
    if picked := maps.clicked(key, "regions", "id"):
        st.page_link(
            "pages/regions.py",
            label=f"Profile of {picked}",
            icon=":material/map:",
            query_params={"region": picked},
        )
    else:
        st.caption("Click a region to open its profile.")


def box_of(store: Store, countries: tuple[str, ...]) -> list[float] | None:
    """Return the box of countries on the map."""
    boxes = state.ask(store, queries.region_bounds)
    focus = [boxes[c] for c in countries if c in boxes]
    if not focus:
        return None
    return [
        min(b[0] for b in focus),
        min(b[1] for b in focus),
        max(b[2] for b in focus),
        max(b[3] for b in focus),
    ]

"""What the pages of travel time share: words, sources, headings, the link to a region."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import state, tables
from pages._ui.links import link
from pages._ui.measures import TRAVEL
from pages._ui.selection import Picker
from pages._ui.texts import _, plain
from pipelines.serve import travel_queries
from pipelines.serve.store import Store


def estimate() -> str:
    """Say what the minutes are."""
    return _("Minutes are estimated, by car in free flow (docs/travel-time.md).") + " EPSG:3035."


def minutes_words(store: Store) -> str:
    """Say what the minutes of the published tables are, and whose roads they follow."""
    countries = state.ask(store, travel_queries.measured_countries)
    if not countries:
        return estimate()
    words = _(
        "Minutes are by car in free flow. In {countries} they are a routing engine's over "
        "OpenStreetMap's roads where a stored matrix holds the way (travel_basis; "
        "© OpenStreetMap contributors, ODbL 1.0); elsewhere they are estimated "
        "(docs/travel-time.md)."
    ).format(countries=", ".join(plain(name) for name in countries))
    return f"{words} EPSG:3035."


def walking_words(store: Store) -> str:
    """Say what minutes on foot and by bicycle are."""
    limits = state.thresholds(store)
    words = _(
        "From the middle of the settlement: the straight distance × {detour}, at {walk} km/h on "
        "foot and {cycle} km/h by bicycle, or a stored matrix of that mode (walk_basis); nothing "
        "beyond {most} minutes. Hills are not in it. Public transport is not covered."
    ).format(
        detour=f"{limits['walk_detour']:g}",
        walk=f"{limits['walk_speed_kmh']:g}",
        cycle=f"{limits['walk_cycle_speed_kmh']:g}",
        most=f"{limits['walk_most_min']:g}",
    )
    return f"{words} EPSG:3035."


def recomputed() -> str:
    """Say that the figures are not official ones."""
    return _("Re-computed, not official.")


def sources_of(service: dict[str, Any]) -> tuple[str, ...]:
    """Return what a service's reach is made from."""
    # A user's own facilities have no source.
    return (*TRAVEL, service["source"]) if service.get("source") else TRAVEL


def town_columns(store: Store) -> dict[str, Any]:
    """Return the headings of a list of settlements."""
    names = ("name", "country_name", "region_name", "population")
    return tables.columns(store, "towns", names)


def is_in_gap(store: Store, service: str, geonameid: int) -> bool:
    """Return whether the register lacks the sites of a settlement's own region."""
    gaps = state.ask(store, travel_queries.in_register_gaps, service, ())
    return bool((gaps["geonameid"] == geonameid).any())


def settled_words(table: pd.DataFrame) -> None:
    """Say in how many regions the settlements are far from the official people, if in any."""
    notes = table["settled_note"].value_counts()
    if notes.empty:
        return
    counts = ", ".join(f"{n:,} ({_(str(note))})" for note, n in notes.items())
    st.caption(
        _(
            "Shares are of the people of listed settlements. In {counts} of {total} regions these "
            "are far from the official population, and a share says little: the table has both "
            "columns."
        ).format(counts=counts, total=f"{len(table):,}")
    )


def profile_link(picker: Picker) -> None:
    """Link to the profile of the region that was clicked on a map."""
    if picker.value:
        label = _("Profile of {name}").format(name=picker.value)
        link("pages/regions.py", label, {"region": picker.value})
    else:
        st.caption(_("Click a region to open its profile."))

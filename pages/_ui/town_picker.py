"""Find a town by name; its identifier stands in the address bar as ``town``."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages._ui import state
from pipelines.serve import queries
from pipelines.serve.store import Store


def pick(store: Store) -> dict[str, Any] | None:
    """Draw the search and return the chosen settlement with all its columns, or None."""
    town_id = state.finder(
        store,
        "Search by name",
        queries.find_towns,
        "town",
        "For instance Bebra, Ninove, Siátista",
        "GeoNames id",
    )
    is_id = town_id.isdecimal() and len(town_id) < 10
    town = state.ask(store, queries.town, int(town_id)) if is_id else None
    if town_id and not town:
        st.warning(f"There is no settlement with the GeoNames id '{town_id}'.")
    return town

"""Find a town by name; its identifier stands in the address bar as ``town``."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages._ui import state
from pipelines.serve import queries
from pipelines.serve.store import Store


def _take_found() -> None:
    if st.session_state.get("found") is not None:
        st.session_state["town"] = str(st.session_state["found"])


def pick(store: Store) -> dict[str, Any] | None:
    """Draw the search and return the chosen settlement with all its columns, or None."""
    search, result, identifier = st.columns([3, 3, 2])
    text = search.text_input("Search by name", key="q", bind="query-params",
                             placeholder="For instance Bebra, Ninove, Siátista")  # fmt: skip
    if text:
        found = state.ask(store, queries.find_towns, text)
        hits = dict(zip(found["geonameid"], found["label"], strict=True))
        if hits:
            result.selectbox(
                f"{len(hits)} found" if len(hits) < 25 else "First 25 found", list(hits),
                format_func=hits.get, key="found", index=None, on_change=_take_found,
                placeholder="Choose one",
            )  # fmt: skip
        else:
            result.info(f"No settlement of 500 people and more is called '{text}'.")
    town_id = identifier.text_input("Town shown below", key="town", bind="query-params",
                                    placeholder="GeoNames id")  # fmt: skip
    town = state.ask(store, queries.town, int(town_id)) if town_id.isdecimal() else None
    if town_id and not town:
        st.warning(f"There is no settlement with the GeoNames id '{town_id}'.")
    return town

"""The open database, cached queries, and values that travel in the address bar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from pipelines.errors import MartUnavailable
from pipelines.serve import queries
from pipelines.serve.store import Store
from pipelines.serve.web import map_address


def open_store() -> Store:
    """Return the current store, or say plainly that there is none and end the page."""
    try:
        return Store.current()
    except MartUnavailable as error:
        st.error(str(error), icon=":material/database_off:")
        st.caption("The pages appear as soon as the database is built; reload then.")
        st.stop()


@st.cache_data(max_entries=256, show_spinner=False)
def _cached_query(
    content: str, _store: Store, name: str, arguments: tuple[Any, ...], _query: Callable[..., Any]
) -> Any:
    return _query(_store, *arguments)


def ask(store: Store, query: Callable[..., Any], *arguments: Any) -> Any:
    """Run a named query through the cache, keyed by the database's hash and the arguments."""
    name = f"{query.__module__}.{query.__name__}"
    return _cached_query(store.pointer.file, store, name, arguments, query)


def addresses(store: Store, **names: str) -> dict[str, str]:
    """Return the addresses of map files of the current database."""
    stem = store.pointer.file.removesuffix(".duckdb")
    return {key: map_address(stem, name) for key, name in names.items()}


def attribution(store: Store, names: tuple[str, ...]) -> str:
    """Return the attribution line of sources."""
    return ask(store, queries.attribution, *names)


def country_names(store: Store) -> dict[str, str]:
    """Return country names by Eurostat code, by name."""
    table: pd.DataFrame = ask(store, queries.countries)
    return dict(zip(table["country"], table["country_name"], strict=True))


def multiselect(label: str, options: list[str], key: str, **more: Any) -> tuple[str, ...]:
    """Draw a multiselect whose value stands in the address bar."""
    return tuple(st.multiselect(label, options, key=key, bind="query-params", **more))

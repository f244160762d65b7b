"""The open database, cached queries, and values that travel in the address bar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import maps
from pipelines.core.errors import MartUnavailable
from pipelines.runner.mapfiles import sites_name
from pipelines.serve import labels as map_labels
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
    content: str, _store: Store, _query: Callable[..., Any], name: str, arguments: tuple[Any, ...]
) -> Any:
    return _query(_store, *arguments)


def ask(store: Store, query: Callable[..., Any], *arguments: Any) -> Any:
    """Run a named query through the cache, keyed by the database's hash and the arguments."""
    name = f"{query.__module__}.{query.__qualname__}"
    return _cached_query(store.pointer.file, store, query, name, arguments)


def addresses(store: Store, **names: str) -> dict[str, str]:
    """Return the addresses of map files of the current database."""
    stem = store.pointer.file.removesuffix(".duckdb")
    return {key: map_address(stem, name) for key, name in names.items()}


def region_files(store: Store, regions: str) -> dict[str, str]:
    """Return the addresses for a map of regions, with the lines between them."""
    return addresses(
        store, land="land", regions=regions, borders=regions.replace("regions", "borders")
    )


def town_files(store: Store, box: list[float] | None, service: str | None = None) -> dict[str, str]:
    """Return the addresses for a map of settlements; near by, smaller regions are drawn too."""
    more = {} if box is None else {"inner": "borders-3"}
    if service:
        more["sites"] = sites_name(service)
    return region_files(store, "regions-0") | addresses(store, towns="towns", **more)


def region_shape(store: Store, name: str, nuts_id: str) -> dict[str, Any] | None:
    """Return the feature of a region in a map file, or None where it is not in it."""
    return ask(store, queries.region_shape, name, nuts_id) if nuts_id else None


def labels(store: Store, view: dict[str, Any], most: int = 14) -> list[dict[str, Any]]:
    """Return the names of the largest places in a view of a map; Europe as a whole needs none."""
    if view is maps.EUROPE:
        return []
    return ask(store, map_labels.labels, *_frame(view), most)


def point_labels(points: list[dict[str, Any]], view: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the names of those points that fit, the largest first, then those drawn on top."""
    by_size = sorted(reversed(points), key=lambda p: -p["size"])
    return map_labels.choose(by_size, *_frame(view), len(by_size))


def _frame(view: dict[str, Any]) -> tuple[float, float, float, float, float]:
    """Return the middle, the zoom and the size of a map, as labels need them."""
    x, y, _ = view["target"]
    return float(x), float(y), float(view["zoom"]), 740.0, float(maps.HEIGHT)


def attribution(store: Store, names: tuple[str, ...]) -> str:
    """Return the attribution line of sources.

    A measure of population names the embedded census; the source in use takes its place.
    """
    basis = ask(store, queries.population_basis)
    used = [n for name in names for n in (basis["sources"] if name == queries.CENSUS else (name,))]
    return ask(store, queries.attribution, *used)


def country_names(store: Store) -> dict[str, str]:
    """Return country names by Eurostat code, by name."""
    table: pd.DataFrame = ask(store, queries.countries)
    return dict(zip(table["country"], table["country_name"], strict=True))


def multiselect(label: str, options: list[str], key: str, **more: Any) -> tuple[str, ...]:
    """Draw a multiselect whose value stands in the address bar."""
    return tuple(st.multiselect(label, options, key=key, bind="query-params", **more))


def finder(
    store: Store,
    label: str,
    query: Callable[..., pd.DataFrame],
    target: str,
    hint: str,
    code_hint: str,
    *arguments: Any,
) -> str:
    """Draw a search by name and the code that it fills; return the code.

    Only the first matches travel to the browser: a list of all names would be sent
    again on every rerun; ``query`` takes the text, then ``arguments``. The code stands
    in the address bar under ``target``.
    """
    found_key = f"{target}_found"

    def take() -> None:
        if st.session_state.get(found_key) is not None:
            st.session_state[target] = str(st.session_state[found_key])

    search, result, code = st.columns([3, 3, 2])
    text = search.text_input(label, key=f"{target}_search", placeholder=hint)
    if text:
        found = ask(store, query, text, *arguments)
        hits = dict(zip(found["id"], found["label"], strict=True))
        if hits:
            title = f"{len(hits)} found" if len(hits) < 25 else "First 25 found"
            result.selectbox(
                title,
                list(hits),
                format_func=hits.get,
                key=found_key,
                index=None,
                on_change=take,
                placeholder="Choose one",
            )
        else:
            result.info(f"Nothing is called '{text}'.")
    return code.text_input(
        "Shown below",
        key=target,
        bind="query-params",
        placeholder=code_hint,
        help="Filled by a click on the map, a row of the table or the search.",
    ).strip()

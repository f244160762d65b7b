"""The open database, its answers kept once, and values that travel in the address bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from pages._ui.texts import _, plain
from pipelines.core.errors import MartUnavailable
from pipelines.serve import labels as map_labels
from pipelines.serve import mapfiles, queries
from pipelines.serve import thresholds as published
from pipelines.serve.store import Store

T = TypeVar("T")
Box = Sequence[float]
MAP_SIZE = (740.0, 620.0)  # pixels of a map, for its names


def open_store() -> Store:
    """Return the current store, or say plainly that there is none and end the page."""
    try:
        return Store.current()
    except MartUnavailable as error:
        st.error(plain(error), icon=":material/database_off:")
        st.caption(_("The pages appear as soon as the database is built; reload then."))
        st.stop()


def ask(store: Store, query: Callable[..., T], *arguments: Any) -> T:
    """Return the answer of a named query, kept while its database is served.

    All visitors share the answer: nobody may change it.
    """
    key = (query.__module__, query.__qualname__, arguments)
    return store.memo(key, lambda: query(store, *arguments))


def visit_memo(slot: str, key: Any, make: Callable[[], T]) -> T:
    """Return what follows from a visitor's file, made once and kept in this visit alone."""
    entry: tuple[Any, T] | None = st.session_state.get(slot)
    if entry is None or entry[0] != key:
        st.session_state.pop(slot, None)  # one file at a time is held
        entry = st.session_state[slot] = (key, make())
    return entry[1]


def thresholds(store: Store) -> Mapping[str, float]:
    """Return the published value of every threshold by name."""
    return ask(store, published.thresholds)


def region_files(store: Store, regions: str) -> dict[str, str]:
    """Return the addresses for a map of regions, with the lines between them."""
    names = {
        "land": "land",
        "regions": regions,
        "borders": regions.replace("regions", "borders"),
    }
    return {key: mapfiles.address(store, name) for key, name in names.items()}


def town_files(store: Store, box: Box | None, service: str | None = None) -> dict[str, str]:
    """Return the addresses for a map of settlements; near by, smaller regions are drawn too."""
    files = region_files(store, "regions-0") | {"towns": mapfiles.address(store, "towns")}
    if box is not None:
        files["inner"] = mapfiles.address(store, "borders-3")
    if service:
        files["sites"] = mapfiles.sites_address(store, service)
    return files


def region_shape(store: Store, name: str, nuts_id: str) -> dict[str, Any] | None:
    """Return the feature of a region in a map file, or None where it is not in it."""
    return ask(store, queries.region_shape, name, nuts_id) if nuts_id else None


def labels(store: Store, view: dict[str, Any], most: int = 14) -> list[dict[str, Any]]:
    """Return the names of the largest places in a view of a map."""
    return ask(store, map_labels.labels, *_frame(view), most)


def point_labels(points: list[dict[str, Any]], view: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the names of those points that fit, the largest first, then those drawn on top."""
    by_size = sorted(reversed(points), key=lambda p: -p["size"])
    return map_labels.choose(by_size, *_frame(view), len(by_size))


def _frame(view: dict[str, Any]) -> tuple[float, float, float, float, float]:
    """Return the middle, the zoom and the size of a map, as labels need them."""
    x, y, _z = view["target"]
    return float(x), float(y), float(view["zoom"]), *MAP_SIZE


def box_around(boxes: dict[str, list[float]], names: Iterable[str]) -> list[float] | None:
    """Return the box (west, south, east, north in km) around those of some names, or None."""
    known = [boxes[name] for name in names if name in boxes]
    if not known:
        return None
    west, south, east, north = zip(*known, strict=True)
    return [min(west), min(south), max(east), max(north)]


def attribution(store: Store, names: Iterable[str]) -> str:
    """Return the attribution line of those of some sources that this database holds.

    A column of population can rest on the censuses or on Eurostat's series: named are those
    in use.
    """
    basis = ask(store, queries.population_basis)
    sources = list(names)
    if queries.CENSUS in sources:
        bases = {queries.CENSUS, *queries.EUROSTAT_POPULATION, queries.FIVE_YEAR}
        unused = bases - set(basis["sources"])
        sources = [name for name in (*sources, *basis["sources"]) if name not in unused]
    return ask(store, queries.attribution, *dict.fromkeys(sources))


def country_names(store: Store) -> dict[str, str]:
    """Return country names by Eurostat code, by name."""
    table: pd.DataFrame = ask(store, queries.countries)
    return dict(zip(table["country"], map(_, table["country_name"]), strict=True))


def multiselect(label: str, options: Iterable[str], key: str, **more: Any) -> tuple[str, ...]:
    """Draw a multiselect whose value stands in the address bar."""
    more.setdefault("format_func", _)
    return tuple(st.multiselect(label, list(options), key=key, bind="query-params", **more))


def select(label: str, options: dict[T, str] | Sequence[T], key: str, **more: Any) -> T:
    """Draw a selectbox whose value stands in the address bar; a dict holds options and labels."""
    if isinstance(options, dict):
        more.setdefault("format_func", lambda value: _(options[value]))
    chosen: T = st.selectbox(label, list(options), key=key, bind="query-params", **more)
    return chosen


def open_range(label: str, steps: Sequence[int], key: str) -> tuple[int | None, int | None]:
    """Draw a slider over steps; an end that stands at the first or last step is open (None)."""
    low, high = st.select_slider(
        label,
        steps,
        (steps[0], steps[-1]),
        key=key,
        bind="query-params",
        format_func=lambda step: f"{step:,}",
    )
    return None if low == steps[0] else low, None if high == steps[-1] else high


def countries(store: Store, label: str | None = None) -> tuple[str, ...]:
    """Draw the choice of countries."""
    names = country_names(store)
    return multiselect(label or _("Country"), names, "country", format_func=names.get)


def level() -> int:
    """Draw the choice of a NUTS level."""
    return select(_("Level"), LEVELS, "level", help=_("NUTS 3 are the smallest regions."))


LEVELS = {3: "NUTS 3", 2: "NUTS 2", 1: "NUTS 1", 0: "Countries"}

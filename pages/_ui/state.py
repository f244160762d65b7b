"""The open database, its answers kept once, and values that travel in the address bar."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from pages._ui import address, texts
from pages._ui.texts import _, plain
from pipelines.core.errors import MartUnavailable
from pipelines.serve import labels as map_labels
from pipelines.serve import mapfiles, queries
from pipelines.serve import thresholds as published
from pipelines.serve.filters import ISO_CODES
from pipelines.serve.store import Store

T = TypeVar("T")
Box = Sequence[float]
NUTS_CODE = re.compile(r"[A-Z]{2}[A-Z0-9]{0,3}")
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
    files = {key: mapfiles.address(store, name) for key, name in names.items()}
    if (near := regions.removeprefix("regions-")) in ("0", "1", "2", "3"):
        files["near"] = mapfiles.near_address(store, int(near))
    return files


def town_files(store: Store, box: Box | None, service: str | None = None) -> dict[str, str]:
    """Return the addresses for a map of settlements; near by, smaller regions are drawn too."""
    files = region_files(store, "regions-0") | {"towns": mapfiles.address(store, "towns")}
    if box is not None:
        files["inner"] = mapfiles.address(store, "borders-3")
    if service:
        files["sites"] = mapfiles.sites_address(store, service)
    return files


def region_shapes(store: Store, name: str, codes: Iterable[str]) -> list[dict[str, Any]]:
    """Return the features of some regions of any level; those that are in no map file are left out.

    ``name`` is a map file of the regions' vintage.
    """
    vintage = name.rpartition("-")[0]
    shapes = [
        ask(store, queries.region_shape, f"{vintage}-{len(code) - 2}", code)
        for code in codes
        if NUTS_CODE.fullmatch(code)
    ]
    return [shape for shape in shapes if shape]


def labels(
    store: Store, view: dict[str, Any], most: int = 14, first: tuple[int, ...] = ()
) -> list[dict[str, Any]]:
    """Return the names of the largest places in a view of a map, those chosen ``first``."""
    return ask(store, map_labels.labels, *_frame(view), most, first)


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
    """Return country names by Eurostat code, in the order of the names in the language in use."""
    table: pd.DataFrame = ask(store, queries.countries)
    names = dict(zip(table["country"], map(_, table["country_name"]), strict=True))
    return dict(sorted(names.items(), key=lambda item: texts.sorting(item[1])))


def multiselect(label: str, options: Iterable[str], key: str, **more: Any) -> tuple[str, ...]:
    """Draw a multiselect whose value stands in the address bar; codes are read there too.

    Parameters
    ----------
    label, key : str
    options : iterable of str
    **more : object
        Passed on; but ``codes`` are further names of options in an address, in capitals,
        ``allowed`` is the sentence of what it may state, and ``words`` returns the labels by
        option in the language in use, where ``format_func`` looks up no text itself.
    """
    more.setdefault("format_func", _)
    more.setdefault("placeholder", _("all"))  # a filter that nothing was chosen in lets all pass
    every = list(options)
    codes = {name: own for name, own in more.pop("codes", {}).items() if own in every}
    word = _wording(every, more)
    labels = word()
    allowed = more.pop("allowed", None) or address.named(labels)
    given, taken = _of_address(key, every, word, codes)
    if taken:
        own = dict(zip(every, labels, strict=True))
        address.restate(key, given, taken, own, _hint(given, codes))
        st.session_state[key] = list(dict.fromkeys(taken.values()))
        more.pop("default", None)  # Streamlit takes one of the two
    value = tuple(st.multiselect(label, every, key=key, bind="query-params", **more))
    shown = _stated_as(value, every, labels, codes, given, taken)
    return address.told(label, key, given, value, shown, allowed, _hint(given, codes))


def select(label: str, options: dict[T, str] | Sequence[T], key: str, **more: Any) -> T:
    """Draw a selectbox whose value stands in the address bar; a dict holds options and labels.

    ``words`` returns the labels by option in the language in use, where those of ``options`` are
    worded already.
    """
    if isinstance(options, dict):
        more.setdefault("format_func", lambda value: _(options[value]))
    every = list(options)
    word = _wording(every, more)
    labels = word()
    given, taken = _of_address(key, every, word, {})
    if taken:
        own = dict(zip(every, labels, strict=True))
        last = dict(list(taken.items())[-1:])
        address.restate(key, given[-1:], last, own)
        st.session_state[key] = next(iter(last.values()))
        more.pop("index", None)
    chosen: T = st.selectbox(label, every, key=key, bind="query-params", **more)
    shown = _stated_as((chosen,), every, labels, {}, given, taken)
    return address.told(label, key, given[-1:], chosen, shown, address.named(labels))


def _wording(options: Sequence[Any], more: dict[str, Any]) -> Callable[[], list[str]]:
    """Return what words the labels of options, in the language in use when it is called."""
    words = more.pop("words", None)
    if words is not None:
        return lambda: [str(made.get(option, option)) for made in (words(),) for option in options]
    written = more.get("format_func", str)
    return lambda: [str(written(option)) for option in options]


def _of_address(
    key: str, options: Sequence[T], word: Callable[[], list[str]], codes: Mapping[str, T]
) -> tuple[list[str], dict[str, T]]:
    """Return what the address states for a choice, and options by what names them otherwise.

    It may name one by code, or by its label in another language than the one in use.
    """
    given = address.stated(key)
    known = {str(option).upper(): option for option in options} | dict(codes)
    return given, address.taken(given, word, options, known)


def _stated_as(
    value: Sequence[Any],
    options: Sequence[Any],
    labels: Sequence[str],
    codes: Mapping[str, Any],
    given: Sequence[str],
    taken: Mapping[str, Any],
) -> list[str]:
    """Return how an address may state the chosen options: by label, by code in any case."""
    written = dict(zip(options, labels, strict=True))
    shown = [written[option] for option in value if option in written]
    names = {str(option).upper() for option in value} | {
        code for code, option in codes.items() if option in value
    }
    others = [text for text, option in taken.items() if option in value]
    return shown + others + [one for one in given if one.upper() in names]


def _hint(given: Sequence[str], codes: Mapping[str, str]) -> str:
    """Return the sentence on codes that Eurostat writes in another way."""
    text = _("Eurostat's code is {own}, not {stated}.")
    said = [text.format(own=codes[c], stated=c) for c in map(str.upper, given) if c in codes]
    return " ".join(dict.fromkeys(said))


def open_range(label: str, steps: Sequence[int], key: str) -> tuple[int | None, int | None]:
    """Draw a slider over steps; an end that stands at the first or last step is open (None)."""
    low, high = address.span(label, steps, key)
    return None if low == steps[0] else low, None if high == steps[-1] else high


def countries(store: Store, label: str | None = None) -> tuple[str, ...]:
    """Draw the choice of countries; an address names them by name, Eurostat's or ISO's code."""
    names = country_names(store)
    return multiselect(
        label or _("Country"),
        names,
        "country",
        format_func=names.get,
        **country_codes(store),
    )


def country_codes(store: Store) -> dict[str, Any]:
    """Return what a choice among countries reads from an address beside their names."""
    return {
        "words": lambda: country_names(store),
        "codes": ISO_CODES,
        "allowed": _("Allowed are names of countries, or Eurostat's codes alone."),
    }


def level() -> int:
    """Draw the choice of a NUTS level."""
    return select(_("Level"), LEVELS, "level", help=_("NUTS 3 are the smallest regions."))


LEVELS = {3: "NUTS 3", 2: "NUTS 2", 1: "NUTS 1", 0: "Countries"}

"""What is said of an item of a map when it is pointed at: its value, and what to hold it against.

The figures are those that coloured the map (:class:`pages._ui.classes.Classes` holds them).
"""

from __future__ import annotations

import contextvars
import re
from collections import Counter
from collections.abc import Callable
from html import escape

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from pages._ui import format, legend, state, texts
from pages._ui.classes import Classes
from pages._ui.measures import Measure, field_of
from pages._ui.texts import _, figure
from pipelines.serve import tooltips as served
from pipelines.serve.store import Store
from pipelines.serve.tooltips import Line, by_value

#: Measures of the change between two years, whose figures may have a break or be converted.
_OF_CHANGE = ("change_pct", "annual_change_pct", "trend", "shrinking_class")
#: What rests on estimated minutes.
_ESTIMATED = re.compile(r"minutes|_min$|within|beyond|supply|desert|remote|access_to|^role$|^cell$")
#: Rates that are the rate of a sum when they are weighted so; others are weighted by people.
_WEIGHTS = {"change_pct": "people_before", "density_per_km2": "area_km2"}


def of_regions(store: Store, file: str, classes: Classes) -> str:
    """Offer the figures of regions; return their address, or an empty text where there are none.

    Parameters
    ----------
    store : Store
        The served database.
    file : str
        Name of the map file of the regions.
    classes : Classes
        Classes of all regions in map order.
    """
    return _offer(store, file, classes, lambda: state.ask(store, served.regions, file))


def of_towns(store: Store, classes: Classes) -> str:
    """Offer the figures of settlements; return their address, or an empty text."""
    return _offer(store, "towns", classes, lambda: state.ask(store, served.towns))


def template(address: str, head: str, people: str = "") -> str:
    """Return the tooltip's HTML; braces are filled in by the browser, figures by ``map_tools``.

    Parameters
    ----------
    address : str
        Where the figures are; may be empty.
    head : str
        HTML of the first line.
    people : str
        How the people of a settlement are said, ``#`` for their number, where its map file has it.
    """
    counted = f' data-p="{{p}}" data-people="{escape(people)}"' if people else ""
    attributes = f'data-from="{escape(address)}" data-i="{{i}}"{counted}'
    return f'<div class="hinterland-tip" {attributes}>{head}</div>'


def _offer(store: Store, items: str, classes: Classes, frame: Callable[[], pd.DataFrame]) -> str:
    values, measure = classes.values, classes.measure
    if values is None or measure is None:
        return ""
    language = str(st.session_state.get("lang") or "")
    bounds = ",".join(map(repr, classes.bounds))
    parts: tuple[str | bytes, ...] = (
        items,
        language,
        measure.table,
        measure.column,
        measure.label,
        bounds,
        "|".join(classes.labels),
        served.digest_of(values),
        *(served.digest_of(more) for _measure, more in classes.beside),
    )

    def make() -> bytes:
        texts.use(language or None)
        return served.pack(_lines(store, classes, values, measure, frame()))

    # The request that asks is none of a visit: it speaks the language of the visit.
    return served.OFFERS.offer(store.pointer.file, parts, lambda: contextvars.Context().run(make))


def _lines(
    store: Store, classes: Classes, values: pd.Series, measure: Measure, items: pd.DataFrame
) -> list[Line]:
    field = field_of(store, measure)
    of_towns = "nuts_id" not in items
    lines = [_town_places(items) if of_towns else _region_places(items)]
    if measure.is_number:
        numbers = values.to_numpy(dtype=float, na_value=np.nan)

        def shown(value: float) -> str:
            return format.measured(value, measure.value_format, field.unit)

        lines += [
            by_value(field.label, _rounded(numbers, measure), shown, format.none()),
            _classes(numbers, classes),
            _beside(numbers, items, measure, shown),
        ]
        lines += [] if of_towns else [_ranks(numbers)]
    else:
        words = dict(zip(measure.categories, map(_worded, classes.labels), strict=True))
        title = legend.titled(field.label, field.unit)
        kinds = values.astype(object).where(values.notna(), None)
        lines.append(by_value(title, kinds, lambda kind: words.get(kind, ""), format.none()))
        lines += [] if of_towns else [_alike(kinds, items)]
    lines += [_value(store, other, more) for other, more in classes.beside]
    return [*lines, *_flags(measure, items, values.notna().to_numpy())]


def _value(store: Store, measure: Measure, values: pd.Series) -> Line:
    """Return what a further measure is of each item."""
    numbers, field = values.to_numpy(dtype=float, na_value=np.nan), field_of(store, measure)
    return by_value(
        field.label,
        _rounded(numbers, measure),
        lambda value: format.measured(value, measure.value_format, field.unit),
        format.none(),
    )


def _worded(label: str) -> str:
    """Return a class in words; one of two measures has a bar between them."""
    return ", ".join(_(part) for part in label.split("|"))


def _rounded(numbers: NDArray[np.float64], measure: Measure) -> pd.Series:
    """Return values to the digits that are shown, so that few are to be worded."""
    digits = re.search(r"\.(\d)([f%])", measure.value_format)
    if not digits:
        return pd.Series(numbers)
    return pd.Series(numbers.round(int(digits[1]) + (2 if digits[2] == "%" else 0)))


def _region_places(items: pd.DataFrame) -> Line:
    """Return the country and the people of each region."""
    counts = _("{n} people")
    texts = [
        _(country) if pd.isna(people) else f"{_(country)} · {counts.format(n=f'{people:,}')}"
        for country, people in zip(items["country_name"].fillna(""), items["people"], strict=True)
    ]
    return Line("", texts, np.arange(len(items)))


def _town_places(items: pd.DataFrame) -> Line:
    """Return region and country of each settlement; its people stand in the map file."""
    names = items[["region_name", "country_name"]].astype(object)
    pairs = pd.MultiIndex.from_frame(names.where(names.notna(), "")).to_series()
    return by_value(
        "", pairs, lambda pair: ", ".join(part for part in (pair[0], _(pair[1])) if part)
    )


def _classes(numbers: NDArray[np.float64], classes: Classes) -> Line:
    """Return the class of each value in words; a class includes its upper bound."""
    at = np.minimum(np.searchsorted(classes.bounds, numbers, side="left"), len(classes.labels) - 1)
    texts = [*map(_, classes.labels), ""]
    return Line(_("Class"), texts, np.where(np.isnan(numbers), len(texts) - 1, at))


def _beside(
    numbers: NDArray[np.float64],
    items: pd.DataFrame,
    measure: Measure,
    shown: Callable[[float], str],
) -> Line:
    """Return the means of each item's country and of the EU, over the items of the map."""
    by = _WEIGHTS.get(measure.column, "people")
    weights = items.get(by, items["people"]).to_numpy(dtype=float, na_value=np.nan)

    def mean(rows: pd.Series) -> str:
        of = rows.to_numpy(dtype=bool, na_value=False)
        return shown(served.mean(numbers[of], weights[of]))

    union = _("EU") + " " + mean(items["country_group"] == "EU")

    def both(country: str) -> str:
        return f"{_(country)} {mean(items['country_name'] == country)} · {union}"

    label = _("As a whole") if by != "people" else _("Mean by people")
    return by_value(label, items["country_name"], both)


def _ranks(numbers: NDArray[np.float64]) -> Line:
    """Return the place of each value from the highest, equal values at one place."""
    ranks = pd.Series(numbers).rank(method="min", ascending=False)
    total, text = figure(ranks.notna().sum()), _("{place} of {total}, from the highest")
    return by_value(
        _("Rank"), ranks, lambda place: text.format(place=f"{int(place):,}", total=total)
    )


def _alike(kinds: pd.Series, items: pd.DataFrame) -> Line:
    """Return how many regions of the country, and of all, are of the same type."""
    text = _("So are {n} of {total} in {country}, {all} of {every} in all")
    pairs = [
        None if kind is None else (name, kind)
        for name, kind in zip(items["country_name"].fillna(""), kinds, strict=True)
    ]
    of_both = Counter(pair for pair in pairs if pair)
    of_country, of_type = Counter[str](), Counter[str]()
    for (name, kind), n in of_both.items():
        of_country[name] += n
        of_type[kind] += n

    def said(pair: tuple[str, str]) -> str:
        return text.format(
            n=f"{of_both[pair]:,}",
            total=f"{of_country[pair[0]]:,}",
            country=_(pair[0]),
            all=f"{of_type[pair[1]]:,}",
            every=f"{of_both.total():,}",
        )

    return by_value("", pd.Series(pairs, dtype=object), said)


def _flags(measure: Measure, items: pd.DataFrame, known: NDArray[np.bool_]) -> list[Line]:
    """Return what to know of a figure: estimated, converted, with a break, of two answers."""
    if _ESTIMATED.search(measure.column):
        return [Line("", ["", _("Estimated, by car")], known.astype(np.int64))]
    if measure.column not in _OF_CHANGE or "has_break" not in items:
        return []
    flags = (
        ("has_break", _("The series has a break between the two years")),
        ("is_converted", _("Brought from another NUTS vintage: estimated")),
        ("has_two_answers", _("Census and series disagree")),
    )
    if measure.column == "trend":
        flags = (*flags[:2], ("has_two_trends", _("Another class by the series")))
    return [
        Line("", ["", text], items[name].fillna(False).to_numpy(dtype=np.int64))
        for name, text in flags
    ]

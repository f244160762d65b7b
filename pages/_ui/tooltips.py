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

from pages._ui import format, legend, texts
from pages._ui.classes import Classes
from pages._ui.measures import Measure, field_of
from pages._ui.texts import _
from pipelines.serve import tooltips as served
from pipelines.serve.store import Store
from pipelines.serve.tooltips import Line

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
    return _offer(store, file, classes, lambda: served.regions(store, file))


def of_towns(store: Store, classes: Classes) -> str:
    """Offer the figures of settlements; return their address, or an empty text."""
    return _offer(store, "towns", classes, lambda: served.towns(store))


def template(address: str, head: str) -> str:
    """Return the tooltip's HTML; braces are filled in by the browser, figures by ``map_tools``."""
    return f'<div class="hinterland-tip" data-from="{escape(address)}" data-i="{{i}}">{head}</div>'


def _offer(store: Store, items: str, classes: Classes, frame: Callable[[], pd.DataFrame]) -> str:
    values, measure = classes.values, classes.measure
    if values is None or measure is None:
        return ""
    language = str(st.session_state.get("lang") or "")
    bounds = ",".join(map(repr, classes.bounds))
    parts = (
        store.pointer.file,
        items,
        language,
        measure.table,
        measure.column,
        bounds,
        "|".join(classes.labels),
        served.digest_of(values),
    )

    def make() -> list[Line]:
        texts.use(language or None)
        return _lines(store, classes, values, measure, frame())

    # The request that asks is none of a visit: it speaks the language of the visit.
    return served.OFFERS.offer(parts, lambda: contextvars.Context().run(make))


def _lines(
    store: Store, classes: Classes, values: pd.Series, measure: Measure, items: pd.DataFrame
) -> list[Line]:
    field = field_of(store, measure)
    of_towns = "nuts_id" not in items
    lines = [Line("", _places(items))]
    if measure.is_number:
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        shown = pd.Series([format.measured(v, measure.value_format, field.unit) for v in numbers])
        lines += [Line(field.label, shown), Line(_("Class"), _classes(numbers, classes))]
        lines += _beside(numbers, items, measure, field.unit)
        lines += [] if of_towns else [Line(_("Rank"), _ranks(numbers))]
    else:
        words = dict(zip(measure.categories, map(_worded, classes.labels), strict=True))
        shown = values.astype(object).map(words).fillna(format.none())
        lines.append(Line(legend.titled(field.label, field.unit), shown))
        lines += [] if of_towns else [Line("", _alike(shown, values.isna(), items))]
    return [*lines, *_flags(measure, items, values.notna())]


def _worded(label: str) -> str:
    """Return a class in words; one of two measures has a bar between them."""
    return ", ".join(_(part) for part in label.split("|"))


def _places(items: pd.DataFrame) -> pd.Series:
    """Return where an item lies, and how many people live there."""
    people = items["population" if "population" in items else "people"]
    country = items["country_name"].map(_, na_action="ignore").astype(object)
    if "region_name" in items:
        region = items["region_name"].astype(object)
        country = region.str.cat(country, sep=", ").where(region.notna(), country)
    counts = people.map(lambda n: _("{n} people").format(n=format.people(n)), na_action="ignore")
    whole = country.str.cat(counts.astype(object), sep=" · ")
    return whole.where(counts.notna(), country)


def _classes(numbers: NDArray[np.float64], classes: Classes) -> pd.Series:
    """Return the class of each value in words; a class includes its upper bound."""
    at = np.searchsorted(classes.bounds, numbers, side="left")
    at = np.minimum(at, len(classes.labels) - 1)
    labels = np.array(list(map(_, classes.labels)), dtype=object)
    return pd.Series(labels[at]).where(~np.isnan(numbers), None)


def _beside(
    numbers: NDArray[np.float64], items: pd.DataFrame, measure: Measure, unit: str
) -> list[Line]:
    """Return the means of each item's country and of the EU, over the items of the map."""
    by = _WEIGHTS.get(measure.column, "people")
    weights = items.get(by, items["people"]).to_numpy(dtype=float, na_value=np.nan)

    def shown(rows: NDArray[np.bool_]) -> str:
        value = served.mean(numbers[rows], weights[rows])
        return format.measured(value, measure.value_format, unit)

    names = items["country_name"]
    means = {
        name: f"{_(name)} {shown((names == name).to_numpy(dtype=bool, na_value=False))}"
        for name in names.dropna().unique()
    }
    union = shown((items["country_group"] == "EU").to_numpy(dtype=bool, na_value=False))
    both = names.map(means).astype(object)
    label = _("As a whole") if by != "people" else _("Mean by people")
    return [Line(label, both.where(both.isna(), both + " · " + _("EU") + " " + union))]


def _ranks(numbers: NDArray[np.float64]) -> pd.Series:
    """Return the place of each value from the highest, equal values at one place."""
    ranks = pd.Series(numbers).rank(method="min", ascending=False)
    total = f"{int(ranks.notna().sum()):,}"
    text = _("{place} of {total}, from the highest")
    return ranks.map(
        lambda place: text.format(place=f"{int(place):,}", total=total), na_action="ignore"
    )


def _alike(shown: pd.Series, missing: pd.Series, items: pd.DataFrame) -> pd.Series:
    """Return how many regions of the country, and of all, are of the same type."""
    text = _("So are {n} of {total} in {country}, {all} of {every} in all")
    names = [
        None if gone else name for name, gone in zip(items["country_name"], missing, strict=True)
    ]
    of_country, of_type = Counter(names), Counter(shown[~missing.to_numpy()])
    of_both = Counter(zip(names, shown, strict=True))
    every = sum(of_type.values())
    said = [
        text.format(
            n=f"{of_both[name, kind]:,}",
            total=f"{of_country[name]:,}",
            country=_(name),
            all=f"{of_type[kind]:,}",
            every=f"{every:,}",
        )
        if name
        else None
        for name, kind in zip(names, shown, strict=True)
    ]
    return pd.Series(said, dtype=object)


def _flags(measure: Measure, items: pd.DataFrame, known: pd.Series) -> list[Line]:
    """Return what to know of a figure: estimated, converted, with a break, of two answers."""
    if _ESTIMATED.search(measure.column):
        return [Line("", pd.Series(_("Estimated, by car"), items.index).where(known.to_numpy()))]
    if measure.column not in _OF_CHANGE or "has_break" not in items:
        return []
    flags = (
        ("has_break", _("The series has a break between the two years")),
        ("is_converted", _("Brought from another NUTS vintage: estimated")),
        ("has_two_answers", _("Census and series disagree")),
    )
    return [
        Line("", items[name].fillna(False).astype(bool).map({True: text, False: None}))
        for name, text in flags
    ]

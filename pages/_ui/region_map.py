"""What colours the map of regions: a measure, and the year where there is a series of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from pages._ui import address, dials, region_filters, region_places, state
from pages._ui.measures import (
    METHODS,
    PANEL_MEASURES,
    SERIES_MEASURES,
    Measure,
    field_of,
    labels_of,
)
from pages._ui.texts import _, ngettext
from pipelines.serve import dials as served_dials
from pipelines.serve import region_panel, region_years
from pipelines.serve.filters import RegionFilter
from pipelines.serve.store import Store

YEAR = "year"
_BY_YEAR = "_by_year"  # ends the key of a measure that has a series


@dataclass(frozen=True)
class Shown:
    """What the map shows.

    Attributes
    ----------
    measure : Measure
        With the year in its label and question.
    values : DataFrame
        ``nuts_id`` of every region of the level in map order, and ``value``.
    over : ndarray of float or None
        Values of all years, which the classes rest on.
    year : int or None
        The year of the slider.
    span : str
        The year, or the years of the events, in words.
    note : str
        What else to know of the figures.
    more : mapping of str to Series
        Columns for the downloads that the table of regions lacks, by ``nuts_id``.
    words : str
        What these columns are, for the notes of a file.
    joined : tuple of (str, str)
        Mart and column that each rests on.
    """

    measure: Measure
    values: pd.DataFrame
    over: NDArray[np.float64] | None = None
    year: int | None = None
    span: str = ""
    note: str = ""
    more: Mapping[str, pd.Series] = field(default_factory=dict)
    words: str = ""
    joined: tuple[tuple[str, str], ...] = ()


def choose(store: Store, selection: RegionFilter) -> tuple[Measure, str]:
    """Draw the choice of what colours the map and how it is classed."""
    measures = dict(PANEL_MEASURES)
    if region_places.is_attached():
        measures[region_places.MEASURE.column] = region_places.MEASURE
    if selection.moved:
        measures[dials.MEASURE.column] = dials.MEASURE
    labels = labels_of(store, measures)
    series = _series(store)
    for key, measure in series.items():
        text = _("By year: {label}")
        labels[key] = text.format(label=field_of(store, measure).label)
    column = state.select(_("Colour by"), labels, "measure")
    measure = (measures | series)[column]
    method = state.select(_("Classes"), METHODS, "method") if measure.is_number else "fixed"
    return measure, method


def _series(store: Store) -> dict[str, Measure]:
    """Return the measures of which this database has figures of some years."""
    return {
        f"{column}{_BY_YEAR}": measure
        for column, measure in SERIES_MEASURES.items()
        if state.ask(store, region_years.years, column, 3)
    }


def show(
    store: Store,
    selection: RegionFilter,
    measure: Measure,
    every: pd.DataFrame,
    typologies: Sequence[str],
) -> Shown:
    """Draw the slider of years where there is a series; return what the map shows.

    Parameters
    ----------
    store : Store
    selection : RegionFilter
    measure : Measure
        What :func:`choose` returned.
    every : DataFrame
        All regions of the level, see :func:`pipelines.serve.region_panel.frame`.
    typologies : sequence of str
        Columns whose classes a moved threshold can change.
    """
    if measure.table == "region_series":
        return _of_year(store, measure, selection.level)
    if measure is dials.MEASURE:
        columns = served_dials.affected(selection.moved, [c for c in typologies if c in every])
        before = region_panel.frame(store, selection.level)
        moved = dials.moved_class(before, every, columns)
        return Shown(measure, pd.DataFrame({"nuts_id": every["nuts_id"], "value": moved}))
    if measure is not region_places.MEASURE:
        return Shown(measure, region_filters.values(every, measure.column))
    table = region_places.states(store, selection.level)
    if table is None:  # said above: no region has a value
        return Shown(measure, region_filters.values(every.assign(none=None), "none"))
    return Shown(measure, table.rename(columns={measure.column: "value"}))


def _of_year(store: Store, measure: Measure, level: int) -> Shown:
    years = state.ask(store, region_years.years, measure.column, level)
    if not years:
        st.info(_("There are no figures of this measure at this level: choose another level."))
        order = region_panel.frame(store, level)
        return Shown(measure, region_filters.values(order.assign(none=np.nan), "none"))
    year = years[-1]
    if len(years) > 1:
        with st.columns([3, 1])[0]:
            year = address.year(_("Year of the map"), years, YEAR)
    return of_year(store, measure, level, year)


def of_year(store: Store, measure: Measure, level: int, year: int) -> Shown:
    """Return a measure's figures of a year, named with the year or the years of its events."""
    shown = state.ask(store, region_years.of_year, measure.column, level, year)
    span = _span(shown, _("{first} to {last}"))
    note = ""
    if shown.means:
        note = ngettext(
            "{n} region: yearly mean of a longer period.",
            "{n} regions: yearly mean of a longer period.",
            shown.means,
        ).format(n=f"{shown.means:,}")
    named = replace(
        measure,
        label=f"{field_of(store, measure).label}, {span}",
        question=f"{_(measure.question)} {span}",
    )
    over = state.ask(store, region_years.pooled, measure.column, level)
    name = f"{measure.column}_{year}"
    return Shown(
        named,
        shown.values,
        over,
        year,
        span,
        note,
        {name: shown.values.set_index("nuts_id")["value"]},
        f"{name} is {measure.column} of {_span(shown, '{first} to {last}')}",
        ((measure.table, measure.column),),
    )


def _span(shown: region_years.OfYear, text: str) -> str:
    """Return the year, or the years from and to which events are counted."""
    if shown.last == shown.first:
        return str(shown.first)
    return text.format(first=shown.first, last=shown.last)

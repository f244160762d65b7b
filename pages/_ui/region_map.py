"""What colours the map of regions: a measure, and the year where there is a series of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from pages._ui import address, bivariate, dials, region_filters, region_places, state
from pages._ui.measures import (
    METHODS,
    PANEL_MEASURES,
    SERIES_MEASURES,
    Measure,
    field_of,
    labels_of,
)
from pages._ui.shown import Shown
from pages._ui.texts import _, ngettext
from pipelines.serve import dials as served_dials
from pipelines.serve import region_panel, region_years
from pipelines.serve.filters import RegionFilter
from pipelines.serve.store import Store

YEAR = "year"
_BY_YEAR = "_by_year"  # ends the key of a measure that has a series


def choose(store: Store, selection: RegionFilter) -> tuple[Measure, Measure | None, str]:
    """Draw the choice of what colours the map, of a second measure, and of the classes."""
    measures = dict(PANEL_MEASURES)
    if region_places.is_attached():
        measures[region_places.MEASURE.column] = region_places.MEASURE
    if selection.moved:
        measures[dials.MEASURE.column] = dials.MEASURE
    labels = labels_of(store, measures)
    for key, measure in (series := _series(store)).items():
        labels[key] = _("By year: {label}").format(label=field_of(store, measure).label)
    measures |= series
    column = state.select(_("Colour by"), labels, "measure")
    measure = measures[column]
    if not measure.is_number:
        return measure, None, "fixed"
    others = {key: labels[key] for key, m in measures.items() if m.is_number and key != column}
    second = state.select(
        _("Together with"),
        {"": _("no second measure"), **others},
        "second",
        help=_("Both on one map: three classes of each, nine colours."),
    )
    if second:
        return measure, measures[second], "fixed"
    return measure, None, state.select(_("Classes"), METHODS, "method")


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
    chosen: tuple[Measure, Measure | None],
    every: pd.DataFrame,
    typologies: Sequence[str],
) -> Shown:
    """Draw the slider of years where there is a series; return what the map shows.

    Parameters
    ----------
    store : Store
    selection : RegionFilter
    chosen : tuple of Measure
        What :func:`choose` returned, the second may be None.
    every : DataFrame
        All regions of the level, see :func:`pipelines.serve.region_panel.frame`.
    typologies : sequence of str
        Columns whose classes a moved threshold can change.
    """
    measures = [measure for measure in chosen if measure]
    years = [
        state.ask(store, region_years.years, m.column, selection.level)
        for m in measures
        if m.table == "region_series"
    ]
    year = _slider(years)
    shown = [
        _of_year(store, measure, selection.level, year)
        if measure.table == "region_series"
        else _of_build(store, selection, measure, every, typologies)
        for measure in measures
    ]
    return shown[0] if len(shown) == 1 else bivariate.pair(store, shown[0], shown[1])


def _slider(years: Sequence[tuple[int, ...]]) -> int | None:
    """Draw the slider over the years that all series have, or else over those of the first."""
    if not years or not all(years):
        return None
    common = sorted(set(years[0]).intersection(*years[1:])) or years[0]
    if len(common) == 1:
        return common[0]
    with st.columns([3, 1])[0]:
        return address.year(_("Year of the map"), common, YEAR)


def _of_build(
    store: Store,
    selection: RegionFilter,
    measure: Measure,
    every: pd.DataFrame,
    typologies: Sequence[str],
) -> Shown:
    """Return a measure of which the build has one figure a region."""
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


def _of_year(store: Store, measure: Measure, level: int, year: int | None) -> Shown:
    years = state.ask(store, region_years.years, measure.column, level)
    if years:
        near = years[-1] if year is None else min(years, key=lambda one: abs(one - year))
        return of_year(store, measure, level, near)
    st.info(_("There are no figures of this measure at this level: choose another level."))
    order = region_panel.frame(store, level)
    return Shown(measure, region_filters.values(order.assign(none=np.nan), "none"))


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

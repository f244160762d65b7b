"""Regions: filter, map, table, histogram and download of one selection."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import (
    bivariate,
    brush,
    card,
    charts,
    dials,
    directory,
    downloads,
    facet_counts,
    format,
    frame,
    legend,
    paper,
    population,
    region_filters,
    region_map,
    region_places,
    region_profile,
    saved_views,
    small_maps,
    state,
    vega,
)
from pages._ui import selection as choice
from pages._ui.classes import Classes, classify
from pages._ui.measures import DEMOGRAPHY_MEASURES, PANEL_MEASURES, Measure, field_of
from pages._ui.shown import Shown
from pages._ui.texts import _, figure
from pipelines.serve import dials as served_dials
from pipelines.serve import queries, region_panel, search
from pipelines.serve.crossing_filter import CLASSES
from pipelines.serve.filters import RegionFilter
from pipelines.serve.moved import Moved
from pipelines.serve.store import Store

PICKER = choice.Picker(
    "region", "regions", map="regions_map", table="regions_table", marks="marked"
)

#: Classes that a moved threshold can change here.
TYPOLOGIES = (
    "trend",
    "shrinking_class",
    "duration_class",
    "webb_type",
    "cause",
    "remoteness",
    "desert_class",
    "watch_count",
)


def main(store: Store) -> None:
    """Draw the page."""
    st.title(_("Which regions shrink, and what are they like?"))
    saved_views.show("pages/regions.py", region_filters.bounds(store))
    with st.sidebar:
        st.header(_("Filter regions"))
        selection = region_filters.read_filter(store, state.level())
        st.header(_("Map"))
        measure, second, method = region_map.choose(store, selection)
        span = brush.field() if measure.is_number and not second else None
        choice.several(PICKER)
    every = region_panel.frame(store, selection.level, selection.moved)
    remaining = region_panel.left(store, selection)
    table = region_panel.regions(store, selection)
    region = choice.region(store, PICKER, search.labelled, "region")
    on_map = region_map.show(store, selection, (measure, second), every, TYPOLOGIES)
    series, measure, values = measure, on_map.measure, on_map.values
    chosen = None if remaining.fits.all() else remaining.fits.nonzero()[0]
    fixed = state.ask(store, queries.map_breaks, measure.breaks or measure.column) or []
    shown = brush.within(values["value"], chosen, span) if measure.is_number else chosen
    classes = classify(values["value"], shown, measure, method, fixed, on_map.over)
    if on_map.parts:
        classes = bivariate.beside(classes, on_map)
    _map(store, selection, on_map, classes, region)
    if on_map.year is not None and not on_map.parts:
        small_maps.show(store, selection, series, classes, region)
    _dials(store, selection, every)
    _below(store, selection, on_map, classes, table, region)


def _below(
    store: Store,
    selection: RegionFilter,
    on_map: Shown,
    classes: Classes,
    table: pd.DataFrame,
    region: str,
) -> None:
    """Draw spread, table, files and prints of the selection."""
    if table.empty:
        st.info(_("No region fits this filter. Widen a range or remove a type in the sidebar."))
    else:
        spread, listing = st.columns([1, 2])
        with spread:
            _spread(store, table, on_map, classes)
        with listing:
            st.subheader(_("Table"))
            page = region_profile.page_of(table)
            region_profile.table(store, page, PICKER, selection.needs_places, selection.columns)
            st.caption(_("Choose a row to see it beside the map; a heading sorts the page."))
        st.subheader(_("Download this selection"))
        ids = table["nuts_id"].tolist()
        if selection.needs_places:
            region_places.package(store, selection, ids)
        else:
            _files(store, selection, on_map)
        if selection.needs_places or on_map.measure is region_places.MEASURE:
            st.caption(_("No picture or PDF is made of what rests on OpenStreetMap."))
        else:
            paper.of_selection(store, selection, on_map, classes, table, region)


def _files(store: Store, selection: RegionFilter, shown: Shown) -> None:
    """Draw the downloads of a selection, with what the map shows beside the table's columns."""
    words = "; ".join(filter(None, (selection.words(), shown.words)))
    st.caption(_("Written into each file: {words}.").format(words=words))
    downloads.computed(
        store,
        "regions",
        lambda: region_panel.with_columns(region_panel.rows(store, selection), shown.more),
        words,
        False,
        (*region_panel.joined(selection), *shown.joined),
    )


def _dials(store: Store, selection: RegionFilter, every: pd.DataFrame) -> None:
    """Draw what moved thresholds change, and how firm each class is."""
    columns = [name for name in TYPOLOGIES if name in every]
    labels = dials.labels(store, columns)

    def fits(moved: Moved) -> served_dials.Mask:
        return region_panel.left(store, replace(selection, moved=moved)).fits

    if selection.moved:
        dials.changes(
            store,
            region_panel.frame(store, selection.level),
            every,
            served_dials.affected(selection.moved, columns),
            (fits(()), fits(selection.moved)),
            labels,
            {
                name: measure.categories
                for name, measure in (DEMOGRAPHY_MEASURES | PANEL_MEASURES).items()
            }
            | {"desert_class": CLASSES["desert"]},
            selection.words(),
        )
    dials.firmness(store, every, columns, selection.moved, labels, fits)


def _map(
    store: Store,
    selection: RegionFilter,
    shown: Shown,
    classes: Classes,
    region: str,
) -> None:
    measure, values = shown.measure, shown.values
    summary = region_panel.summary(store, selection)
    with frame.region_map(
        store,
        PICKER,
        f"regions-{selection.level}",
        measure,
        classes,
        region,
        boxes=state.ask(store, queries.region_bounds),
        focus=selection.countries,
        sources=("gisco_nuts_2021", frame.PLACES),
        caption=f"{_caption(store, measure, selection, summary)} {shown.note}".strip(),
    ):
        card.of_region(
            store,
            region,
            measure,
            values["nuts_id"],
            values["value"],
            classes,
            words=bivariate.words(measure) if shown.parts else None,
            moved=selection.moved,
        )
        count = format.regions(summary["regions"])
        if shown.parts:
            bivariate.show(store, shown, classes, count, _("not in the selection"))
        else:
            frame.legend_of(store, measure, classes, count)
        _figures(summary, len(values))
        facet_counts.left_out(region_panel.left(store, selection))
        frame.marked_figures(store, PICKER)


def _caption(
    store: Store, measure: Measure, selection: RegionFilter, summary: dict[str, Any]
) -> str:
    """Return what the map shows, of which source, years and boundaries."""
    field, basis = field_of(store, measure), state.ask(store, queries.population_basis)
    parts = [legend.titled(field.label, field.unit)]
    years = ""
    if measure.has_years and summary["year_end"]:
        years = _("{first} to {last}").format(first=summary["year_start"], last=summary["year_end"])
    if queries.CENSUS in field.sources:
        parts.append(population.kind(basis))
    if years:
        parts.append(years)
    parts += [_(state.LEVELS[selection.level]), _(measure.vintage)]
    rests_on_set = selection.needs_places or measure is region_places.MEASURE
    note = f" {region_places.note()}" if rests_on_set else ""
    return f"{', '.join(parts)}. EPSG:3035.{note}"


def _figures(summary: dict[str, Any], total: int) -> None:
    st.metric(
        _("Regions selected"),
        _("{n} of {total}").format(n=f"{summary['regions']:,}", total=f"{total:,}"),
    )
    st.caption(_("{area} km²").format(area=format.number(summary["area_km2"])))
    if not summary["with_figures"]:
        return
    change = summary["population_end"] - summary["population_start"]
    st.metric(
        _("Population {year}").format(year=summary["year_end"]),
        figure(summary["population_end"]),
        _("{change} % since {year}").format(
            change=figure(100 * change / summary["population_start"], "{:+.2f}"),
            year=summary["year_start"],
        ),
        delta_color="off",
        help=_("Sum over the {n} selected regions with figures.").format(
            n=f"{summary['with_figures']:,}"
        ),
    )


def _spread(store: Store, table: pd.DataFrame, shown: Shown, classes: Classes) -> None:
    """Draw how the selected regions are spread over types or values."""
    st.subheader(_("How is it spread?"))
    measure, field = shown.measure, field_of(store, shown.measure)
    figures = shown.values.set_index("nuts_id")["value"].reindex(table["nuts_id"]).dropna()
    if measure.categories:
        labels = bivariate.steps() if shown.parts else list(map(_, classes.labels))
        counts = pd.DataFrame({"type": labels, "regions": classes.counts[:-1]})
        vega.show(charts.counts(counts, list(classes.colours)), _("Regions by type"))
    elif len(figures):
        chart = charts.histogram(
            figures.astype(float),
            list(classes.colours),
            list(classes.bounds),
            legend.titled(field.label, field.unit),
            figures[figures.index.isin([*PICKER.marked, PICKER.value])].astype(float),
        )
        alt = _("Histogram of {measure}").format(measure=field.label)
        brush.draw(chart, "regions_histogram", alt)
    else:
        st.caption(_("No figures in this selection."))


if __name__ == "__main__":  # as Streamlit runs a page's file
    directory.run(main)

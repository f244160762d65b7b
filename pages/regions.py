"""Regions: filter, map, table, histogram and download of one selection."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import (
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
    region_places,
    region_profile,
    saved_views,
    state,
    vega,
)
from pages._ui import selection as choice
from pages._ui.classes import Classes, classify
from pages._ui.measures import (
    DEMOGRAPHY_MEASURES,
    METHODS,
    PANEL_MEASURES,
    Measure,
    field_of,
    labels_of,
)
from pages._ui.texts import _
from pipelines.serve import dials as served_dials
from pipelines.serve import queries, region_panel, search
from pipelines.serve.crossing_filter import CLASSES
from pipelines.serve.dictionary import Field
from pipelines.serve.filters import RegionFilter
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
        measure, method = _map_choices(store, selection)
        span = brush.field() if measure.is_number else None
        choice.several(PICKER)
    every = region_panel.frame(store, selection.level, selection.moved)
    remaining = region_panel.left(store, selection)
    field = field_of(store, measure)
    table = region_panel.regions(store, selection)
    values = _values(store, selection, measure, every)
    chosen = None if remaining.fits.all() else remaining.fits.nonzero()[0]
    fixed = state.ask(store, queries.map_breaks, measure.breaks or measure.column) or []
    shown = brush.within(values["value"], chosen, span) if measure.is_number else chosen
    classes = classify(values["value"], shown, measure, method, fixed)
    region = choice.region(store, PICKER, search.labelled, "region")
    _map(store, selection, measure, classes, region, values)
    _dials(store, selection, every)
    if table.empty:
        st.info(_("No region fits this filter. Widen a range or remove a type in the sidebar."))
    else:
        spread, listing = st.columns([1, 2])
        with spread:
            _spread(table, measure, field, classes)
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
            st.caption(_("Written into each file: {words}.").format(words=selection.words()))
            downloads.computed(
                store,
                "regions",
                lambda: region_panel.rows(store, selection),
                selection.words(),
                False,
                region_panel.joined(selection),
            )
        if selection.needs_places or measure is region_places.MEASURE:
            st.caption(_("No picture or PDF is made of what rests on OpenStreetMap."))
        else:
            paper.of_selection(store, selection, measure, classes, values, table, region)


def _dials(store: Store, selection: RegionFilter, every: pd.DataFrame) -> None:
    """Draw what moved thresholds change, and how firm each class is."""
    columns = [name for name in TYPOLOGIES if name in every]
    labels = dials.labels(store, columns)
    if selection.moved:
        dials.changes(
            store,
            region_panel.frame(store, selection.level),
            every,
            served_dials.affected(selection.moved, columns),
            selection.countries,
            labels,
            {
                name: measure.categories
                for name, measure in (DEMOGRAPHY_MEASURES | PANEL_MEASURES).items()
            }
            | {"desert_class": CLASSES["desert"]},
            selection.words(),
        )
    shown = every[region_panel.left(store, selection).fits]
    dials.firmness(store, shown, columns, selection.moved, labels)


def _map_choices(store: Store, selection: RegionFilter) -> tuple[Measure, str]:
    """Draw what colours the map and how it is classed."""
    measures = dict(PANEL_MEASURES)
    if region_places.is_attached():
        measures[region_places.MEASURE.column] = region_places.MEASURE
    if selection.moved:
        measures[dials.MEASURE.column] = dials.MEASURE
    column = state.select(_("Colour by"), labels_of(store, measures), "measure")
    measure = measures[column]
    method = state.select(_("Classes"), METHODS, "method") if measure.is_number else "fixed"
    return measure, method


def _values(
    store: Store, selection: RegionFilter, measure: Measure, every: pd.DataFrame
) -> pd.DataFrame:
    """Return ``nuts_id, value`` of every region of a level, in map order."""
    if measure is dials.MEASURE:
        columns = served_dials.affected(selection.moved, [c for c in TYPOLOGIES if c in every])
        before = region_panel.frame(store, selection.level)
        moved = dials.moved_class(before, every, columns)
        return pd.DataFrame({"nuts_id": every["nuts_id"], "value": moved})
    if measure is not region_places.MEASURE:
        return region_filters.values(every, measure.column)
    table = region_places.states(store, selection.level)
    if table is None:  # said above: no region has a value
        return region_filters.values(every.assign(none=None), "none")
    return table.rename(columns={measure.column: "value"})


def _map(
    store: Store,
    selection: RegionFilter,
    measure: Measure,
    classes: Classes,
    region: str,
    values: pd.DataFrame,
) -> None:
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
        caption=_caption(store, measure, selection, summary),
    ):
        card.of_region(store, region, measure, values["nuts_id"], values["value"], classes)
        _figures(summary, len(values))
        facet_counts.left_out(region_panel.left(store, selection))
        frame.marked_figures(store, PICKER)
        count = _("{n} regions").format(n=f"{summary['regions']:,}")
        frame.legend_of(store, measure, classes, count)


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
        f"{summary['population_end']:,}",
        _("{change} % since {year}").format(
            change=f"{100 * change / summary['population_start']:+.2f}",
            year=summary["year_start"],
        ),
        delta_color="off",
        help=_("Sum over the {n} selected regions with figures.").format(
            n=f"{summary['with_figures']:,}"
        ),
    )


def _spread(table: pd.DataFrame, measure: Measure, field: Field, classes: Classes) -> None:
    """Draw how the selected regions are spread over types or values."""
    st.subheader(_("How is it spread?"))
    values = table[measure.column].dropna() if measure.column in table else pd.Series(dtype=float)
    if measure.categories:
        labels = list(map(_, classes.labels))
        counts = pd.DataFrame({"type": labels, "regions": classes.counts[:-1]})
        vega.show(charts.counts(counts, list(classes.colours)), _("Regions by type"))
    elif len(values):
        chart = charts.histogram(
            values.astype(float),
            list(classes.colours),
            list(classes.bounds),
            legend.titled(field.label, field.unit),
            values[table["nuts_id"].isin([*PICKER.marked, PICKER.value])].astype(float),
        )
        alt = _("Histogram of {measure}").format(measure=field.label)
        brush.draw(chart, "regions_histogram", alt)
    else:
        st.caption(_("No figures in this selection."))


if __name__ == "__main__":  # as Streamlit runs a page's file
    directory.run(main)

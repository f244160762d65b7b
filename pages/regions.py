"""Regions: filter, map, table, histogram and profile of one selection."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages._ui import charts, downloads, legend, maps, population, region_profile, state
from pages._ui.classes import classify
from pages._ui.measures import METHODS, REGION_MEASURES
from pages._ui.region_filters import read_filter
from pipelines.serve import queries

LEVELS = {3: "NUTS 3", 2: "NUTS 2", 1: "NUTS 1", 0: "Countries"}

store = state.open_store()
st.title("Which regions shrink, and what are they like?")

with st.sidebar:
    st.header("Filter regions")
    level = st.selectbox(
        "Level",
        list(LEVELS),
        format_func=LEVELS.get,
        key="level",
        bind="query-params",
        help="NUTS 3 are the smallest regions.",
    )
    selection = read_filter(store, level)
    st.header("Map")
    column = st.selectbox(
        "Colour by",
        list(REGION_MEASURES),
        key="measure",
        bind="query-params",
        format_func=lambda c: REGION_MEASURES[c].label,
    )
    measure = REGION_MEASURES[column]
    fixed = state.ask(store, queries.map_breaks, column)
    method = "fixed"
    if not measure.categories:
        method = st.selectbox(
            "Classes", list(METHODS), format_func=METHODS.get, key="method", bind="query-params"
        )


def take_click() -> None:
    """Put the clicked region into the search box, and so into the address bar."""
    if picked := maps.clicked("regions_map", "regions", "id"):
        st.session_state["region"] = picked


def take_row() -> None:
    """Put the region of the chosen table row into the search box."""
    chosen = st.session_state["regions_table"]["selection"]["rows"]
    if chosen:
        st.session_state["region"] = shown["nuts_id"].iloc[chosen[0]]


table: pd.DataFrame = state.ask(store, queries.regions, selection)
values: pd.DataFrame = state.ask(store, queries.region_values, level, column)
summary = state.ask(store, queries.selection_summary, selection)
position = {code: i for i, code in enumerate(values["nuts_id"])}
ids = table["nuts_id"].tolist()
chosen = [position[i] for i in ids] if len(ids) < len(values) else None
classes = classify(values["value"], chosen, measure, method, fixed or [])

region = state.finder(
    store,
    "Find a region by name or code",
    queries.find_regions,
    "region",
    "For instance Hersfeld",
    "NUTS code",
).upper()

years = (
    f", {summary['year_start']} to {summary['year_end']}"
    if measure.has_years and summary["year_end"]
    else ""
)
left, right = st.columns([3, 1])
with left:
    st.subheader(measure.question)
    unit = f" ({measure.unit})" if measure.unit else ""
    basis = state.ask(store, queries.population_basis)
    source = f", {population.kind(basis)}" if queries.CENSUS in measure.sources else ""
    when = years.removeprefix(",") if population.is_series(basis) else years
    st.caption(
        f"{measure.label}{unit}{source}{when}, {LEVELS[level]}, {measure.vintage}. EPSG:3035."
    )
    boxes = state.ask(store, queries.region_bounds)
    focus = (
        [boxes[region]]
        if region in boxes
        else [boxes[c] for c in selection.countries if c in boxes]
    )
    box = None
    if focus:
        box = [
            min(b[0] for b in focus),
            min(b[1] for b in focus),
            max(b[2] for b in focus),
            max(b[3] for b in focus),
        ]
    view = maps.view_of(box, around=1.8 if region in boxes else 0.5)
    deck = maps.region_deck(
        state.region_files(store, f"regions-{level}"),
        classes,
        state.region_shape(store, f"regions-{level}", region),
        view,
        state.labels(store, view),
    )
    maps.show(deck, "regions_map", f"Map: {measure.question}", take_click)
    st.caption(
        state.attribution(store, (*measure.sources, "geonames_cities500", "natural_earth_land"))
    )
with right:
    st.metric("Regions selected", f"{summary['regions']:,} of {len(values):,}")
    if summary["with_figures"]:
        change = summary["population_end"] - summary["population_start"]
        st.metric(
            f"Population {summary['year_end']}",
            f"{summary['population_end']:,}",
            f"{100 * change / summary['population_start']:+.2f} % since {summary['year_start']}",
            delta_color="off",
            help=f"Sum over the {summary['with_figures']:,} selected regions with figures.",
        )
    legend.show(
        classes,
        measure.label,
        measure.unit,
        f"{summary['regions']:,} regions",
        not measure.categories,
    )

if not ids:
    st.info("No region fits this filter. Widen a range or remove a type in the sidebar.")
else:
    chart, listing = st.columns([1, 2])
    known = table[column].dropna() if column in table else pd.Series(dtype=float)
    with chart:
        st.subheader("How is it spread?")
        if measure.categories:
            counts = pd.DataFrame({"type": classes.labels, "regions": classes.counts[:-1]})
            st.altair_chart(charts.counts(counts, list(classes.colours)), alt="Regions by type")
        elif len(known):
            st.altair_chart(
                charts.histogram(
                    known.astype(float),
                    list(classes.colours),
                    list(classes.bounds),
                    measure.label + unit,
                ),
                alt=f"Histogram of {measure.label}",
            )
        else:
            st.caption("No figures in this selection.")
    with listing:
        st.subheader("Table")
        shown = region_profile.page_of(table)
        region_profile.table(shown, on_select=take_row)
        st.caption("Choose a row to open its profile; click a heading to sort the page.")
    st.subheader("Download this selection")
    downloads.buttons(store, "regions", "nuts_id", ids, selection.words())

if region:
    region_profile.show(store, region)

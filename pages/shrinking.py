"""Shrinking regions: why they shrink; one selection on map, scatter, table and download."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages._ui import (
    demography_charts,
    downloads,
    legend,
    maps,
    shrinking_filters,
    shrinking_profile,
    state,
)
from pages._ui.chrome import footer
from pages._ui.classes import classify
from pages._ui.demography_measures import MEASURES
from pipelines.serve import demography, queries

LAZY_ABOVE = 1000

store = state.open_store()
st.title("Why do regions shrink?")
span = state.ask(store, demography.years)
if span is None:
    shrinking_profile.missing()
    footer()
    st.stop()

with st.sidebar:
    st.header("Filter regions")
    selection = shrinking_filters.read_filter(store, span)
    st.header("Map")
    column = st.selectbox(
        "Colour by",
        list(MEASURES),
        key="measure",
        bind="query-params",
        format_func=lambda c: MEASURES[c].label,
    )
measure = MEASURES[column]


def take_click() -> None:
    """Put the clicked region into the address bar."""
    if picked := maps.clicked("shrinking_map", "regions", "id"):
        st.session_state["region"] = picked


def take_row() -> None:
    """Put the region of the chosen table row into the address bar."""
    chosen = st.session_state["shrinking_table"]["selection"]["rows"]
    if chosen:
        st.session_state["region"] = shown["nuts_id"].iloc[chosen[0]]


every: pd.DataFrame = state.ask(store, demography.regions, selection)
shown = every[every["is_selected"]].sort_values("annual_change_pct", na_position="last")
drawn = every[every["is_on_map"]].reset_index(drop=True)
chosen = None if len(shown) == len(every) else drawn.index[drawn["is_selected"]].tolist()
classes = classify(
    drawn[column], chosen, measure, "fixed", state.ask(store, queries.map_breaks, column) or []
)

region = state.finder(
    store,
    "Find a region by name or code",
    demography.find_regions,
    "region",
    "For instance Hersfeld",
    "NUTS code",
    selection.nuts_version,
).upper()

period = (
    f"{selection.period[0]} to {selection.period[1]}"
    if selection.period
    else f"each region's latest window, most to {span['last_year']}"
)
left, right = st.columns([3, 1])
with left:
    st.subheader(measure.question)
    unit = f" ({measure.unit})" if measure.unit else ""
    st.caption(
        f"{measure.label}{unit}, {period}, NUTS 3 of {selection.nuts_version}, Eurostat. EPSG:3035."
    )
    boxes = state.ask(store, demography.bounds, selection.nuts_version)
    focus = [boxes[c] for c in ([region] if region in boxes else selection.country) if c in boxes]
    box = [f(b[i] for b in focus) for i, f in enumerate((min, min, max, max))] if focus else None
    mark = "" if selection.nuts_version == 2021 else f"-{selection.nuts_version}"
    view = maps.view_of(box, around=1.8 if region in boxes else 0.5)
    deck = maps.region_deck(
        state.region_files(store, f"regions{mark}-3"),
        classes,
        state.region_shape(store, f"regions{mark}-3", region),
        view,
        state.labels(store, view),
    )
    maps.show(deck, "shrinking_map", f"Map: {measure.question}", take_click)
    outlines = f"gisco_nuts_{selection.nuts_version}"
    st.caption(state.attribution(store, (*measure.sources, outlines, "natural_earth_land")))
with right:
    known = shown["annual_change_pct"].dropna()
    st.metric("Regions selected", f"{len(shown):,} of {len(every):,}")
    st.metric("Of these shrinking", f"{int((known < 0).sum()):,} of {len(known):,} known")
    legend.show(
        shrinking_profile.worded(classes),
        measure.label,
        measure.unit,
        f"{len(shown):,} regions",
        not measure.categories,
    )

if shown.empty:
    st.info("No region fits this filter. Widen a range or remove a type in the sidebar.")
else:
    chart, listing = st.columns([2, 3])
    with chart:
        st.subheader("Births or migration?")
        if shown["webb_type"].notna().any():
            st.altair_chart(
                demography_charts.webb_scatter(shown, region),
                alt="Natural change against net migration",
            )
            st.caption(
                "Webb's eight types: right of the middle births outnumber deaths, above it "
                "more people come than leave. Above the falling diagonal regions grow. "
                "Values beyond the frame lie on its edge."
            )
        else:
            st.caption("No figures in this selection and period.")
    with listing:
        st.subheader("Table")
        few = len(shown) <= LAZY_ABOVE
        st.caption("Click a heading to sort." + (" Choose a row for its profile." if few else ""))
        shrinking_profile.table(shown, few, take_row)
    st.subheader("Download this selection")
    st.caption(f"Written into each file: {selection.words()}.")
    downloads.computed(
        store,
        "region_demography",
        lambda: demography.rows(store, selection),
        selection.words(),
        False,
    )

if region:
    found = every[every["nuts_id"] == region].astype(object)
    if len(found):
        row = found.where(found.notna(), None).iloc[0].to_dict()
        shrinking_profile.show(store, selection, row)
    else:
        st.warning(
            f"There is no region of level 3 with the code {region} in NUTS "
            f"{selection.nuts_version}."
        )

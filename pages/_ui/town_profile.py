"""The table of settlements and the profile of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import format, state
from pages._ui.classes import Classes
from pages._ui.measures import SIZE_CLASSES
from pipelines.geo.projection import to_laea
from pipelines.serve import queries
from pipelines.serve.store import Store

AROUND_KM = 60
COLUMNS = {
    "name": st.column_config.TextColumn("Name"),
    "country_name": st.column_config.TextColumn("Country"),
    "region_name": st.column_config.TextColumn("NUTS-3 region"),
    "population": st.column_config.NumberColumn("Population", format="localized"),
    "size_class": st.column_config.TextColumn("Size class"),
    "region_trend": st.column_config.TextColumn("Trend of the region"),
    "region_change_pct": st.column_config.NumberColumn("Change of the region, %", format="%+.2f"),
    "elevation_m": st.column_config.NumberColumn("Elevation, m"),
}
RANKS = {
    "PPLC": "national capital",
    "PPLA": "seat of a first-order division",
    "PPLA2": "seat of a second-order division",
    "PPLA3": "seat of a third-order division",
    "PPLA4": "seat of a fourth-order division",
}
PLACEMENTS = {
    "near": "The generalised coastline cuts it off; it was given to the nearest region of its "
    "country, {km:.1f} km away.",
    "island": "The boundaries drop this island; it was given to the nearest region of its "
    "country, {km:.0f} km away.",
    "border": "The generalised border puts it in the neighbour country; it was given to the "
    "nearest region of its own, {km:.1f} km away.",
    "no regions": "Its country has no NUTS or statistical regions of 2021.",
}


def worded(classes: Classes) -> Classes:
    """Return classes with size classes in words."""
    return replace(classes, labels=tuple(SIZE_CLASSES[name][0] for name in classes.labels))


def short_size(size_class: str) -> str:
    """Return a size class in two words at most."""
    return SIZE_CLASSES[size_class][0].split(" (")[0]


def box_around(town: dict[str, Any]) -> list[float]:
    """Return a box on the map (km, EPSG:3035) around a settlement."""
    x, y = (float(v) / 1000 for v in to_laea(town["lon"], town["lat"]))
    return [x - AROUND_KM, y - AROUND_KM, x + AROUND_KM, y + AROUND_KM]


def table(rows: pd.DataFrame, on_select: Callable[[], None]) -> None:
    """Draw the table of settlements."""
    shown = rows[list(COLUMNS)].copy()
    shown["region_change_pct"] = shown["region_change_pct"].astype("Float32").round(2)
    shown["size_class"] = shown["size_class"].map(short_size)
    for column in ("country_name", "size_class", "region_trend"):
        shown[column] = shown[column].astype("category")
    st.dataframe(
        shown,
        column_config=COLUMNS,
        hide_index=True,
        height=300,
        key="towns_table",
        on_select=on_select,
        selection_mode="single-row",
        alt="Selected settlements",
        placeholder=format.NONE,
    )


def show(store: Store, town: dict[str, Any]) -> None:
    """Draw the profile of one settlement."""
    st.divider()
    st.header(f"{town['name']}, {town['country_name']}")
    cards = st.columns(4)
    cards[0].metric("Population", format.people(town["population"]))
    cards[1].metric("Size class", short_size(town["size_class"]))
    cards[2].metric("Elevation", format.number(town["elevation_m"], "{:,.0f} m"))
    cards[3].metric("Change of its region", format.percent(town["region_change_pct"], 2))
    rank = RANKS.get(town["feature_code"] or "", "no administrative seat that GeoNames knows")
    st.markdown(f"- Administrative rank by GeoNames: {rank}.")
    if town["nuts_id"]:
        st.markdown(
            f"- NUTS-3 region: {town['region_name']} ({town['nuts_id']}), "
            f"{format.text(town['region_trend'])}. A region's figures may not describe the town."
        )
    if town["placement"] in PLACEMENTS:
        st.markdown(f"- {PLACEMENTS[town['placement']].format(km=town['placement_km'] or 0)}")
    if town["name_alternatives"]:
        st.caption("Also called: " + ", ".join(town["name_alternatives"].split("|")[:12]))
    st.subheader("Nearest towns of 5 000 people and more")
    near = state.ask(store, queries.nearby_towns, town["geonameid"])
    st.dataframe(
        near.drop(columns="geonameid").assign(size_class=near["size_class"].map(short_size)),
        hide_index=True,
        alt="Nearest towns",
        column_config={
            "name": "Name",
            "country_name": "Country",
            "size_class": "Size class",
            "population": st.column_config.NumberColumn("Population", format="localized"),
            "distance_km": st.column_config.NumberColumn("Straight line, km", format="%.1f"),
        },
    )
    st.caption("Straight-line distance on the sphere, not travel time.")
    if town["nuts_id"]:
        st.page_link(
            "pages/regions.py",
            label=f"Profile of {town['region_name']}",
            icon=":material/map:",
            query_params={"region": town["nuts_id"]},
        )

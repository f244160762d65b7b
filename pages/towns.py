"""Towns: search by name, filter, map and profile of settlements."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages._ui import downloads, legend, maps, state, town_picker, town_profile
from pages._ui.classes import classify
from pages._ui.measures import SIZE_CLASSES, Measure
from pipelines.serve import queries
from pipelines.serve.filters import TownFilter

SIZES = Measure(
    "size_class",
    "Size class",
    "Where are Europe's towns?",
    "",
    "{}",
    tuple(c for _, c in SIZE_CLASSES.values()),
    ("geonames_cities500", "gisco_nuts_2021"),
    tuple(SIZE_CLASSES),
)
SHOWN = 500
POPULATIONS = [500, 1000, 2000, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 20000000]

store = state.open_store()
st.title("Which towns hold the regions together?")

with st.sidebar:
    st.header("Filter settlements")
    names = state.country_names(store)
    countries = state.multiselect("Country", list(names), "country", format_func=names.get)
    sizes = st.multiselect(
        "Size class",
        list(SIZE_CLASSES),
        default=["city", "medium_town", "small_town"],
        key="size",
        bind="query-params",
        format_func=lambda s: SIZE_CLASSES[s][0],
    )
    trend = state.multiselect("Trend of the region", ["shrinking", "stable", "growing"], "trend")
    people = st.select_slider(
        "Population",
        POPULATIONS,
        (POPULATIONS[0], POPULATIONS[-1]),
        key="people",
        bind="query-params",
        format_func=lambda p: f"{p:,}",
    )
    within = (
        st.text_input(
            "In the region",
            key="within",
            bind="query-params",
            placeholder="NUTS code",
            help="Code of any level, for instance DE7 for Hessen; the Regions page finds codes.",
        )
        .strip()
        .upper()
    )

selection = TownFilter(
    countries=countries,
    size_class=tuple(sizes) or tuple(SIZE_CLASSES),
    region_trend=trend,
    population_min=None if people[0] == POPULATIONS[0] else people[0],
    population_max=None if people[1] == POPULATIONS[-1] else people[1],
    region=within or None,
)


def take_click() -> None:
    """Put the clicked settlement into the address bar."""
    if picked := maps.clicked("towns_map", "towns", "id"):
        st.session_state["town"] = str(picked)


def take_row() -> None:
    """Put the settlement of the chosen row into the address bar."""
    chosen = st.session_state["towns_table"]["selection"]["rows"]
    if chosen:
        st.session_state["town"] = str(table["geonameid"].iloc[chosen[0]])


town = town_picker.pick(store)

rows: pd.DataFrame = state.ask(store, queries.towns, selection)
table = rows.head(SHOWN)
flags: pd.DataFrame = state.ask(store, queries.town_classes, selection)
selected = flags["size_class"].notna().to_numpy().nonzero()[0]
classes = classify(flags["size_class"], selected, SIZES, "fixed", [])

left, right = st.columns([3, 1])
with left:
    st.subheader(SIZES.question)
    st.caption(
        "Settlements by population, GeoNames 2026 (2023 where newer is missing); the area "
        "of a circle follows the population. EPSG:3035."
    )
    boxes = state.ask(store, queries.region_bounds)
    focus = [boxes[c] for c in ([within] if within else countries) if c in boxes]
    box = None
    if town:
        box = town_profile.box_around(town)
    elif focus:
        box = [
            min(b[0] for b in focus),
            min(b[1] for b in focus),
            max(b[2] for b in focus),
            max(b[3] for b in focus),
        ]
    picked = state.ask(store, queries.town_symbol, town["geonameid"]) if town else None
    view = maps.view_of(box)
    deck = maps.town_deck(
        state.town_files(store, box), classes, picked, view, state.labels(store, view)
    )
    maps.show(deck, "towns_map", "Map of settlements by size class", take_click)
    st.caption(state.attribution(store, (*SIZES.sources, "natural_earth_land")))
with right:
    st.metric("Settlements selected", f"{len(rows):,}")
    st.metric("People living in them", f"{rows['population'].sum() / 1e6:,.1f} million")
    legend.show(town_profile.worded(classes), SIZES.label, "", f"{len(rows):,} settlements", False)

st.subheader("Table")
if len(rows) > SHOWN:
    st.caption(f"The {SHOWN} largest of {len(rows):,}; the download holds all of them.")
if len(rows):
    town_profile.table(table, on_select=take_row)
    downloads.buttons(store, "towns", "geonameid", rows["geonameid"].tolist(), selection.words())
else:
    st.info("No settlement fits this filter. Widen a range or remove a type in the sidebar.")

if town:
    town_profile.show(store, town)

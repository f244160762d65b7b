"""Overview: what is growing and shrinking in Europe, and how to go on."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages._ui import charts, format, legend, maps, population, state
from pages._ui.classes import classify
from pages._ui.measures import REGION_MEASURES
from pipelines.serve import demography, queries

store = state.open_store()
facts = state.ask(store, queries.europe)
basis = state.ask(store, queries.population_basis)
kind = population.kind(basis)
measure = REGION_MEASURES["change_pct"]
years = f"{facts['year_start']} to {facts['year_end']}"

st.title("Where is Europe shrinking?")
st.markdown(
    "Hinterland shows which regions lose people, what kind of places they are, and which towns "
    "hold them together. All of it works offline, and every number can be traced to its source."
)

cards = st.columns(4)
cards[0].metric(
    "Regions that lost people",
    f"{facts['losing']:,} of {facts['regions']:,}",
    help=f"NUTS-3 regions with figures, {kind} {years}.",
    border=True,
)
cards[1].metric(
    "People living in them",
    format.millions(facts["people_in_losing"]),
    help=f"Population {facts['year_end']} of the regions that lost people since "
    f"{facts['year_start']}.",
    border=True,
)
cards[2].metric(
    "Regions that lost more than 5 %",
    f"{facts['losing_5']:,}",
    help=f"Population change, {kind} {years}.",
    border=True,
)
cards[3].metric(
    "Smaller towns in shrinking regions",
    f"{facts['smst_in_shrinking']:,} of {facts['smst']:,}",
    help="Small and medium-sized towns, 5 000 to 49 999 people; the second number counts all "
    "of them, also in regions without figures.",
    border=True,
)


def open_region() -> None:
    """Remember the region that was clicked."""
    picked = maps.clicked("overview_map", "regions", "id")
    if picked:
        st.session_state["overview_region"] = picked


values = state.ask(store, queries.region_values, 3, "change_pct")
fixed = state.ask(store, queries.map_breaks, "change_pct")
classes = classify(values["value"], None, measure, "fixed", fixed)
left, right = st.columns([3, 1])
with left:
    st.subheader(measure.question)
    st.caption(f"Population change in % by NUTS-3 region, {kind} {years}, NUTS 2021. EPSG:3035.")
    if span := state.ask(store, demography.years):
        st.page_link(
            "pages/shrinking.py",
            icon=":material/trending_down:",
            label=f"These are {'' if population.is_series(basis) else 'the '}"
            f"{population.long_words(basis)}. Every year to 1 January {span['last_year']}, with "
            "births, deaths and migration: **Shrinking regions**",
        )
    else:
        st.caption("Eurostat's yearly figures are not fetched; Data & methods says how.")
    deck = maps.region_deck(
        state.region_files(store, "regions-3"),
        classes,
        None,
        maps.EUROPE,
        state.labels(store, maps.EUROPE),
    )
    maps.show(deck, "overview_map", "Map of population change by NUTS-3 region", open_region)
    st.caption(
        state.attribution(store, (*measure.sources, "geonames_cities500", "natural_earth_land"))
    )
with right:
    legend.show(
        classes,
        measure.label,
        measure.unit,
        f"{facts['regions']:,} of {facts['regions_total']:,} regions with figures",
        True,
    )
    picked = st.session_state.get("overview_region")
    if picked and (row := state.ask(store, queries.region, picked)):
        st.markdown(f"**{row['name']}**, {row['country_name']}")
        st.write(
            f"{format.percent(row['change_pct'])} ({format.people(row['population_end'])} people)"
        )
        st.page_link(
            "pages/regions.py",
            label="Open its profile",
            icon=":material/arrow_forward:",
            query_params={"region": picked},
        )
    else:
        st.caption(
            "Click a region to read its name. Small ones are easier to find by search on "
            "the Regions page."
        )

table: pd.DataFrame = state.ask(store, queries.extremes)
first, second, third = st.columns(3)
for column, side, title in (
    (first, "shrinking", "Lost most, in %"),
    (second, "growing", "Gained most, in %"),
):
    with column:
        st.subheader(title)
        rows = table[table["side"] == side]
        st.altair_chart(
            charts.bars(
                rows.assign(place=rows["name"] + " (" + rows["nuts_id"].str[:2] + ")"),
                "change_pct",
                "place",
                f"change in %, {years}",
            ),
            alt=title,
        )
with third:
    st.subheader("By type of region")
    st.altair_chart(
        charts.bars(
            state.ask(store, queries.by_type), "change_pct", "urban_rural", f"change in %, {years}"
        ),
        alt="Change by urban-rural type",
    )
    st.caption("Change of the summed population of all regions of a type, with figures.")

st.subheader("How to go on")
STEPS = (
    ("regions", "filter_alt", "**Find regions** by country, type and change", {}),
    (
        "regions",
        "trending_down",
        "**Rural regions that shrink**",
        {"trend": "shrinking", "urban_rural": "predominantly rural"},
    ),
    ("shrinking", "query_stats", "**Why they shrink**: births, deaths, migration", {}),
    ("remoteness", "distance", "**How remote** is a place, by car?", {}),
    ("services", "local_hospital", "**Who reaches which service**, and who does not", {}),
    ("towns", "search", "**Find a town** and see its region", {}),
    (
        "small_towns",
        "holiday_village",
        "**What kind of small town** is it, and which are like it?",
        {},
    ),
    ("social_places", "groups", "**Where people still meet**", {}),
    ("what_fits", "checklist", "**What fits here**: practices for a town", {}),
)
columns = st.columns(3)
for number, (name, icon, label, query) in enumerate(STEPS):
    columns[number % 3].page_link(
        f"pages/{name}.py", label=label, icon=f":material/{icon}:", query_params=query
    )
st.caption(
    f"Figures cover {facts['regions']:,} NUTS-3 regions of {facts['countries']} countries"
    + (
        f": {population.long_words(basis)}, where both are known. {population.doubts(basis)} "
        if population.is_series(basis)
        else ": EU-27 without the French overseas regions, Norway without Svalbard, Switzerland. "
    )
    + "Other regions are shown as no data."
)

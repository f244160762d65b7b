"""Small towns: role, rank, remoteness and fragility of each, and towns like one."""

from __future__ import annotations

import streamlit as st

from pages._ui import downloads, legend, like_towns, maps, smst_view, state, town_picker
from pages._ui import town_profile as profile
from pages._ui.classes import classify
from pipelines.serve import demography, queries, small_towns
from pipelines.serve.filters import SmstFilter

store = state.open_store()
st.title("What kind of small town is it?")
st.markdown(
    "Size alone is not the point: position and power are. Roles follow ESPON TOWN's ideas by "
    "estimated travel time instead of commuting: **our proxy**, not ESPON's classification."
)

with st.sidebar:
    st.header("Filter towns")
    names = state.country_names(store)
    countries = state.multiselect("Country", list(names), "country", format_func=names.get)
    selection = SmstFilter(
        countries=countries,
        size_class=state.multiselect(
            "Size class", list(smst_view.SIZES), "size", format_func=smst_view.SIZES.get
        )
        or ("small_town", "medium_town"),
        role=state.multiselect("Role", list(smst_view.ROLES), "role"),
        rank=state.multiselect(
            "Rank", list(smst_view.RANKS), "rank", format_func=smst_view.RANKS.get
        ),
        remoteness=state.multiselect("Remoteness", list(smst_view.REMOTENESS), "remoteness"),
        region_trend=state.multiselect(
            "Trend of the region", ["shrinking", "stable", "growing"], "trend"
        ),
        region_migration_history=state.multiselect(
            "Migration history of the region",
            list(smst_view.HISTORIES),
            "history",
            help="By net migration of the NUTS-3 region; needs Eurostat's series.",
        )
        if state.ask(store, demography.years)
        else (),
        fragility=state.multiselect(
            "Fragile because", list(smst_view.PARTS), "fragile", format_func=smst_view.PARTS.get
        ),
    )

town = town_picker.pick(store)


def take_click() -> None:
    """Put the clicked settlement into the address bar."""
    if picked := maps.clicked("smst_map", "towns", "id"):
        st.session_state["town"] = str(picked)


def take_row() -> None:
    """Put the settlement of the chosen row into the address bar."""
    chosen = st.session_state["smst_table"]["selection"]["rows"]
    if chosen:
        st.session_state["town"] = str(rows["geonameid"].iloc[chosen[0]])


rows = state.ask(store, small_towns.small_towns, selection)
flags = state.ask(store, small_towns.role_classes, selection)
selected = flags["is_selected"].to_numpy(dtype=bool).nonzero()[0]
classes = classify(flags["role"], selected, smst_view.MEASURE, "fixed", [])
left, right = st.columns([3, 1])
with left:
    st.subheader(smst_view.MEASURE.question)
    st.caption(
        "Settlements by role, GeoNames 2026 (2023 where newer is missing); the area of a "
        "circle follows the population. EPSG:3035."
    )
    picked = state.ask(store, queries.town_symbol, town["geonameid"]) if town else None
    boxes = state.ask(store, queries.region_bounds)
    box = profile.box_around(town) if town else smst_view.around([boxes.get(c) for c in countries])
    view = maps.view_of(box)
    deck = maps.town_deck(
        state.town_files(store, box), classes, picked, view, state.labels(store, view)
    )
    maps.show(deck, "smst_map", "Map of towns by role", take_click)
    st.caption(state.attribution(store, (*smst_view.MEASURE.sources, "natural_earth_land")))
with right:
    st.metric("Towns selected", f"{len(rows):,}")
    st.metric("People living in them", f"{rows['population'].sum() / 1e6:,.1f} million")
    legend.show(classes, "Role (our proxy)", "", f"{len(rows):,} settlements", False)
    st.caption("A village near a town has no role of its own: it counts as no data.")

if town:
    smst_view.show(store, town)
    like_towns.show(store, town)
else:
    st.info("Choose a town by search, map or table to see its profile and the towns like it.")

st.subheader("How many of each type")
st.dataframe(
    state.ask(store, small_towns.role_counts, selection),
    hide_index=True,
    alt="Towns by size class and role",
    column_config={
        "people": st.column_config.NumberColumn("people", format="localized"),
        "settlements": st.column_config.NumberColumn("settlements", format="localized"),
    },
)
st.subheader("Table")
if len(rows):
    st.caption(f"The {min(len(rows), 500):,} largest of {len(rows):,}; downloads hold all of them.")
    smst_view.table(rows.head(500), take_row)
    downloads.buttons(store, "towns", "geonameid", rows["geonameid"].tolist(), selection.words())
else:
    st.info("No town fits this filter. Remove a value in the sidebar.")

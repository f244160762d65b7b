"""The views of the remoteness page: settlements, regions, around a town."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages._ui import downloads, format, legend, maps, state, town_profile, travel
from pages._ui.classes import Classes, classify
from pipelines.serve import queries
from pipelines.serve import travel_queries as asked
from pipelines.serve.store import Store

STEPS = {
    "minutes_to_pole": "a pole (35 000 people and more)",
    "minutes_to_town": "a town of 5 000 people",
    "minutes_to_town_10k": "a town of 10 000",
    "minutes_to_town_20k": "a town of 20 000",
    "minutes_to_city": "a city of 50 000",
    "minutes_to_city_100k": "a city of 100 000",
    "minutes_to_large_city": "a large city of 250 000",
}
REGION_MEASURES = {
    "beyond_share": travel.measure(
        "Share of people beyond the limit", "share", "{:.0%}", travel.NEAR_TO_FAR[:5]
    ),
    "mean_minutes": travel.measure("Mean minutes", "minutes", "{:.0f}", travel.NEAR_TO_FAR),
    "remoteness": travel.measure(
        "Urban-rural type with remoteness",
        "",
        "{}",
        ("#7a0177", "#c994c7", "#df65b0", "#a1dab4", "#225ea8"),
        "predominantly urban",
        "intermediate, close to a city",
        "intermediate, remote",
        "predominantly rural, close to a city",
        "predominantly rural, remote",
    ),
    "access_to_city": travel.measure(
        "Access to a city (OECD-like)",
        "",
        "{}",
        ("#7a0177", "#c51b8a", "#f768a1", "#a1dab4", "#225ea8"),
        "large metropolitan",
        "metropolitan",
        "near a large city",
        "near a smaller city",
        "remote",
    ),
}
BREAKS = {"beyond_share": "share_beyond", "mean_minutes": "minutes_to_city"}
MINUTES = st.column_config.NumberColumn(format="%.0f")
LISTED = 300


def town_map(
    store: Store,
    classes: Classes,
    key: str,
    alt: str,
    picked: dict | None,
    box: list[float] | None,
    sources: tuple[str, ...] = travel.SOURCES,
    service: str | None = None,
) -> None:
    """Draw settlements by class, and the sites of a service; a click chooses a settlement."""
    view = maps.view_of(box)
    deck = maps.town_deck(
        state.town_files(store, box, service), classes, picked, view, state.labels(store, view)
    )
    maps.show(deck, key, alt, lambda: travel.take_click(key))
    st.caption(f"{travel.ESTIMATE} EPSG:3035. {state.attribution(store, sources)}")


def settlements(
    store: Store, step: str, cuts: tuple[float, ...], countries: tuple[str, ...], edition: str
) -> None:
    """Draw the classes of remoteness of settlements, and the furthest of them."""
    table: pd.DataFrame = state.ask(store, asked.remoteness_classes, step, cuts)
    shown = travel.measure("Remoteness", "", "{}", travel.REMOTENESS, *asked.SNAI)
    classes = classify(table["remoteness"], None, shown, "fixed", [])
    left, right = st.columns([3, 1])
    with left:
        st.subheader(f"How far is it to {STEPS[step]}?")
        st.caption(
            f"SNAI-style classes: belt below {cuts[0]:g}, intermediate below {cuts[1]:g}, "
            f"peripheral to {cuts[2]:g} minutes ({edition}). {travel.RECOMPUTED}"
        )
        town_map(
            store,
            classes,
            "remoteness_map",
            "Map of the remoteness of settlements",
            None,
            travel.box_of(store, countries),
        )
    with right:
        far = table["remoteness"].isin(["peripheral", "ultra-peripheral"])
        people = table["population"]
        st.metric("People in peripheral places", format.millions(people[far].sum()))
        st.metric("Share of people in settlements", f"{people[far].sum() / people.sum():.1%}")
        legend.show(classes, "Remoteness", "", f"{len(table):,} settlements", False)
    st.subheader("Furthest away")
    least = st.select_slider(
        "People at least",
        [500, 1000, 2000, 5000, 10000],
        key="least",
        bind="query-params",
        format_func=lambda n: f"{n:,}",
    )
    rows: pd.DataFrame = state.ask(store, asked.remotest_towns, step, countries, least, LISTED)
    st.dataframe(
        rows.drop(columns="geonameid"),
        hide_index=True,
        height=320,
        placeholder=format.NONE,
        alt="Settlements furthest away",
        column_config={
            "name": "Name",
            "country_name": "Country",
            "region_name": "Region",
            "population": st.column_config.NumberColumn("People", format="localized"),
        }
        | {
            c: st.column_config.NumberColumn(f"min to {w}", format="%.0f") for c, w in STEPS.items()
        },
    )
    downloads.buttons(
        store,
        "towns",
        "geonameid",
        rows["geonameid"].tolist(),
        f"the {LISTED} furthest from {STEPS[step]}",
    )


def regions(store: Store, step: str, level: int, column: str, limit: float, share: float) -> None:
    """Draw the remoteness of regions by a movable limit."""
    table: pd.DataFrame = state.ask(store, asked.region_remoteness, level, step, limit, share)
    measure = REGION_MEASURES[column]
    fixed = state.ask(store, queries.map_breaks, BREAKS.get(column, column)) or []
    classes = classify(table[column], None, measure, "fixed", fixed)
    left, right = st.columns([3, 1])
    with left:
        st.subheader(f"Which regions are far from {STEPS[step]}?")
        st.caption(
            f"{measure.label}, limit {limit:g} minutes, NUTS 2021 level {level}, weighted "
            f"by people in settlements. {travel.RECOMPUTED}"
        )
        deck = maps.region_deck(
            state.region_files(store, f"regions-{level}"),
            classes,
            None,
            maps.EUROPE,
            state.labels(store, maps.EUROPE),
        )
        maps.show(deck, "remote_regions_map", f"Map: {measure.label}", "rerun")
        by_area = int((table["access_basis"] == "functional urban areas").sum())
        sources = travel.SOURCES
        if column == "access_to_city" and by_area:
            sources += ("eurostat_lau_2019", "jrc_nuts_2016_2021")
            st.caption(
                f"By functional urban areas in {by_area:,} regions whose municipalities are "
                "known; elsewhere large settlements stand in for them."
            )
        st.caption(f"{travel.ESTIMATE} EPSG:3035. {state.attribution(store, sources)}")
    with right:
        beyond = table["beyond_share"].astype(float) * table["people"].astype(float)
        st.metric(f"People beyond {limit:g} minutes", format.millions(beyond.sum()))
        legend.show(
            classes, measure.label, measure.unit, f"{len(table):,} regions", not measure.categories
        )
        travel.profile_link("remote_regions_map")
    st.subheader("Table")
    rows = table.sort_values(["beyond_share", "nuts_id"], ascending=[False, True])
    st.dataframe(
        rows,
        hide_index=True,
        height=320,
        placeholder=format.NONE,
        alt="Regions",
        column_config={
            "nuts_id": "Code",
            "name": "Region",
            "country": "Country",
            "people": st.column_config.NumberColumn("People in settlements", format="localized"),
            "mean_minutes": st.column_config.NumberColumn("Mean minutes", format="%.1f"),
            "beyond_share": st.column_config.NumberColumn("Beyond the limit", format="percent"),
            "remoteness": "Urban-rural with remoteness",
            "access_to_city": "Access to a city",
            "access_basis": "Told by",
        },
    )
    downloads.buttons(store, "regions", "nuts_id", table["nuts_id"].tolist(), f"level {level}")
    st.caption("The download holds the columns of the build, with its thresholds.")


def around(store: Store, town: dict | None) -> None:
    """Draw bands of minutes around a town."""
    if town is None:
        st.info("Choose a town by its name, or click one on the map of settlements.")
        return
    net = travel.network(store)
    minutes = travel.bands(store, net, town["geonameid"])
    *bounds, furthest = state.ask(store, queries.map_breaks, "minutes_around")
    near = (minutes <= furthest).to_numpy().nonzero()[0]
    shown = travel.measure("Minutes", "minutes", "{:.0f}", tuple(reversed(travel.NEAR_TO_FAR)))
    classes = classify(minutes, near, shown, "fixed", bounds)
    left, right = st.columns([3, 1])
    table: pd.DataFrame = state.ask(
        store, asked.town_labels, tuple(net.settlements.geonameid[near].tolist())
    )
    table = table.assign(minutes=minutes.iloc[near].to_numpy())
    with left:
        st.subheader(f"Who is how far from {town['name']}?")
        town_map(
            store,
            classes,
            "around_map",
            f"Minutes around {town['name']}",
            state.ask(store, queries.town_symbol, town["geonameid"]),
            town_profile.box_around(town),
        )
    with right:
        for bound in bounds[1::2]:
            people = table.loc[table["minutes"] <= bound, "population"].sum()
            st.metric(f"People within {bound:g} minutes", format.people(people))
        legend.show(
            classes,
            "Minutes",
            "estimated, by car",
            f"{len(near):,} settlements",
            True,
            f"beyond {furthest:g} minutes",
        )
    st.subheader("Table")
    st.dataframe(
        table.sort_values("minutes"),
        hide_index=True,
        height=320,
        alt="Settlements around",
        placeholder=format.NONE,
        column_config={
            "geonameid": None,
            "name": "Name",
            "country_name": "Country",
            "region_name": "Region",
            "minutes": MINUTES,
            "population": st.column_config.NumberColumn("People", format="localized"),
        },
    )
    downloads.buttons(
        store,
        "towns",
        "geonameid",
        table["geonameid"].tolist(),
        f"within {furthest:g} minutes of {town['name']}",
    )

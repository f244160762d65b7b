"""The views of the remoteness page: settlements, regions, around a town."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import (
    address,
    card,
    documents,
    downloads,
    format,
    frame,
    state,
    tables,
    town_profile,
    travel,
)
from pages._ui.classes import classify
from pages._ui.measures import AROUND, TOWN_MEASURES, TRAVEL, Measure, field_of
from pages._ui.selection import Picker
from pages._ui.texts import N_, _, figure, plain
from pipelines.serve import queries, travel_queries
from pipelines.serve import travel as network_answers
from pipelines.serve.reach import network
from pipelines.serve.store import Store

# What a settlement can be far from, and the threshold that its size is.
STEPS = {
    "minutes_to_pole": (N_("a pole ({n} people and more)"), "remoteness_snai_pole_population"),
    "minutes_to_town": (N_("a town of {n} people"), "remoteness_town_population"),
    "minutes_to_town_10k": (N_("a town of {n}"), "remoteness_town10_population"),
    "minutes_to_town_20k": (N_("a town of {n}"), "remoteness_town20_population"),
    "minutes_to_town_50k": (N_("a town of {n}"), "remoteness_town50_population"),
    "minutes_to_city": (
        N_("a city: centre of a functional urban area, or {n} people where none are listed"),
        "remoteness_city_population",
    ),
    "minutes_to_city_100k": (N_("a city of {n}"), "remoteness_city100_population"),
    "minutes_to_large_city": (
        N_("a large city: centre of a functional urban area of {n}"),
        "remoteness_large_city_population",
    ),
}
# What is measured to the centres of functional urban areas.
TO_CENTRES = ("minutes_to_city", "minutes_to_large_city", "access_to_city")
FAR_AWAY = ("peripheral", "ultra-peripheral")
LISTED = 300
LEAST_PEOPLE = (500, 1000, 2000, 5000, 10000)
PICKER = Picker("town", "towns", map="remoteness_map")
AROUND_PICKER = Picker("town", "towns", map="around_map")
REGION_PICKER = Picker("remote_region", "regions", map="remote_regions_map", forgets=True)


def steps(store: Store) -> dict[str, str]:
    """Return what a settlement can be far from, in words."""
    limits = state.thresholds(store)
    return {
        column: _(words).format(n=format.round_people(limits[name]))
        for column, (words, name) in STEPS.items()
    }


def _travel_sources(*columns: str) -> tuple[str, ...]:
    return (*TRAVEL, *(("eurostat_fua_2019",) if set(columns) & set(TO_CENTRES) else ()))


def settlements(
    store: Store,
    step: str,
    cuts: tuple[float, ...],
    countries: tuple[str, ...],
    edition: str,
    town: dict[str, Any] | None = None,
) -> None:
    """Draw the classes of remoteness of settlements, and the furthest of them."""
    measure = TOWN_MEASURES["remoteness"]
    table = state.ask(store, travel_queries.remoteness_classes, step, cuts)
    classes = classify(table["remoteness"], None, measure)
    box = state.box_around(state.ask(store, queries.region_bounds), countries)
    if town:
        box = town_profile.box_around(town)
    caption = _(
        "SNAI-style classes: belt below {belt}, intermediate below {intermediate}, peripheral to "
        "{peripheral} minutes ({edition})."
    ).format(
        belt=f"{cuts[0]:g}",
        intermediate=f"{cuts[1]:g}",
        peripheral=f"{cuts[2]:g}",
        edition=edition,
    )
    with frame.map_left(
        store,
        PICKER,
        frame.town_deck(store, classes, town, box),
        _("Map of the remoteness of settlements"),
        _travel_sources(step),
        title=_("How far is it to {place}?").format(place=steps(store)[step]),
        captions=[f"{caption} {travel.recomputed()}"],
        note=travel.minutes_words(store),
    ):
        card.of_town(store, town, measure, table["remoteness"], classes)
        far, people = table["remoteness"].isin(FAR_AWAY), table["population"]
        st.metric(_("People in peripheral places"), format.millions(people[far].sum()))
        st.metric(
            _("Share of people in settlements"), figure(people[far].sum() / people.sum(), "{:.1%}")
        )
        travel.either_way_metric(table)
        count = format.settlements(len(table))
        frame.legend_of(store, measure, classes, count)
    _furthest(store, step, countries)


def _furthest(store: Store, step: str, countries: tuple[str, ...]) -> None:
    st.subheader(_("Furthest away"))
    crossings = _(
        "Minutes count crossings by sea, even where no ferry runs (Azores, Madeira, Svalbard)."
    )
    st.caption(f"{crossings} {documents.link('travel-time')}".strip())
    least = address.steps(_("People at least"), LEAST_PEOPLE, "least")
    rows = state.ask(store, travel_queries.remotest_towns, step, countries, least, LISTED)
    words = steps(store)
    tables.show(
        tables.narrow(rows.drop(columns="geonameid"), words, ["country_name", "region_name"]),
        travel.town_columns(store)
        | {
            column: tables.number(_("min to {place}").format(place=place), "%.0f")
            for column, place in words.items()
        },
        _("Settlements furthest away"),
        height=320,
    )
    ids = rows["geonameid"].tolist()
    downloads.buttons(store, "towns", "geonameid", ids, f"the {LISTED} furthest from {words[step]}")


def _basis(store: Store, bases: pd.Series) -> tuple[str, tuple[str, ...]]:
    """Say what tells metropolitan regions, in how many, and from which sources."""
    counts = bases.value_counts()
    by_area = int(counts.get("functional urban areas", 0))
    field = state.thresholds(store)["remoteness_field_min"]
    official = int(counts.get("official metropolitan type", 0))
    words = _(
        "Metropolitan by functional urban areas in {areas} regions, by Eurostat's own type "
        "in {official}; elsewhere by who lives within {minutes} minutes of a large city."
    ).format(areas=f"{by_area:,}", official=f"{official:,}", minutes=f"{field:g}")
    sources = ("eurostat_nuts_2024_typologies", "eurostat_nuts_2021_2024_changes")
    lists = ("eurostat_lau_2019", "jrc_nuts_2016_2021") if by_area else ()
    return words, (*(sources if official else ()), *lists)


def regions(
    store: Store, step: str, level: int, measure: Measure, limit: float, share: float
) -> None:
    """Draw the remoteness of regions by a movable limit."""
    table = state.ask(store, travel_queries.region_remoteness, level, step, limit, share)
    fixed = state.ask(store, queries.map_breaks, measure.breaks or measure.column) or []
    classes = classify(table[measure.column], None, measure, "fixed", fixed)
    label = field_of(store, measure).label
    is_access = measure.column == "access_to_city"
    basis, sources = _basis(store, table["access_basis"])
    weighted, grid = travel.basis(table)
    caption = _("{measure}, limit {limit} minutes, level {level}.").format(
        measure=label, limit=f"{limit:g}", level=level
    )
    with frame.map_left(
        store,
        REGION_PICKER,
        frame.region_deck(store, f"regions-{level}", classes),
        _("Map: {question}").format(question=label),
        (*_travel_sources(step, measure.column), *grid, *(sources if is_access else ())),
        title=_("Which regions are far from {place}?").format(place=steps(store)[step]),
        captions=[f"{caption} {weighted} {travel.recomputed()}"],
        note=f"{basis if is_access else ''} {travel.minutes_words(store)}".strip(),
    ):
        card.of_region(
            store, REGION_PICKER.value, measure, table["nuts_id"], table[measure.column], classes
        )
        beyond = table["beyond_share"].astype(float) * table["people"].astype(float)
        minutes = _("People beyond {limit} minutes").format(limit=f"{limit:g}")
        st.metric(minutes, format.millions(beyond.sum()))
        sure = table["remoteness_robust"].astype(float) * table["people"].astype(float)
        st.metric(
            _("People whose side of the limit is sure"),
            figure(sure.sum() / table["people"].astype(float).sum(), "{:.0%}"),
            help=_("Their minutes are further from it than the error of one trip of that length."),
        )
        count = format.regions(len(table))
        frame.legend_of(store, measure, classes, count)
        if not REGION_PICKER.value:
            st.caption(_("Click a region to see its value."))
    _region_table(store, table, level)


def _region_table(store: Store, table: pd.DataFrame, level: int) -> None:
    travel.settled_words(table)
    st.subheader(_("Table"))
    tables.show(
        table.sort_values(["beyond_share", "nuts_id"], ascending=[False, True]),
        tables.columns(store, "regions", ("nuts_id", "name", "country"))
        | {
            "people": tables.number(_("People"), "localized"),
            "mean_minutes": tables.number(_("Mean minutes"), "%.1f"),
            "beyond_share": tables.number(_("Beyond the limit"), "percent"),
            "remoteness_robust": tables.number(_("Sure to be on its side of it"), "percent"),
        }
        | tables.columns(
            store,
            "regions",
            (
                "people_basis",
                "settled_share",
                "settled_note",
                "remoteness",
                "access_to_city",
                "access_basis",
            ),
        ),
        _("Regions"),
        height=320,
    )
    downloads.buttons(store, "regions", "nuts_id", table["nuts_id"].tolist(), f"level {level}")
    st.caption(_("The download holds the columns of the build, with its thresholds."))


def around(store: Store, town: dict[str, Any] | None) -> None:
    """Draw bands of minutes around a town."""
    if town is None:
        st.info(_("Choose a town by its name, or click one on the map of settlements."))
        return
    with st.spinner(_("Reading the network")):
        minutes = state.ask(store, network_answers.minutes_around, town["geonameid"])
        ids = network(store).settlements.geonameid
    *bounds, furthest = state.ask(store, queries.map_breaks, "minutes_around") or [0.0]
    near = (minutes <= furthest).to_numpy().nonzero()[0]
    classes = classify(minutes, near, AROUND, "fixed", bounds)
    table = state.ask(store, travel_queries.town_labels, tuple(ids[near].tolist()))
    table = table.assign(minutes=minutes.iloc[near].to_numpy())
    name = plain(town["name"])
    with frame.map_left(
        store,
        AROUND_PICKER,
        frame.town_deck(store, classes, town, town_profile.box_around(town)),
        _("Minutes around {name}").format(name=town["name"]),
        TRAVEL,
        title=_("Who is how far from {name}?").format(name=name),
        note=travel.estimate(),
    ):
        for bound in bounds[1::2]:
            people = table.loc[table["minutes"] <= bound, "people"].sum()
            within = _("People within {limit} minutes").format(limit=f"{bound:g}")
            st.metric(within, format.people(people))
        count = format.settlements(len(near))
        rest = _("beyond {limit} minutes").format(limit=f"{furthest:g}")
        frame.legend_of(store, AROUND, classes, count, rest)
    _around_table(store, table, f"within {furthest:g} minutes of {town['name']}")


def _around_table(store: Store, table: pd.DataFrame, words: str) -> None:
    st.subheader(_("Table"))
    tables.show(
        tables.narrow(
            table.drop(columns="people").sort_values("minutes"), ["minutes"], ["country_name"]
        ),
        {"geonameid": None}
        | travel.town_columns(store)
        | {"minutes": tables.number(_("Minutes"), "%.0f")},
        _("Settlements around"),
        height=320,
    )
    downloads.buttons(store, "towns", "geonameid", table["geonameid"].tolist(), words)

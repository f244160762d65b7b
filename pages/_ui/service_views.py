"""The views of the services page: settlements and regions."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pydeck as pdk
import streamlit as st

from pages._ui import address, card, downloads, format, frame, state, tables, town_profile, travel
from pages._ui.classes import classify
from pages._ui.measures import REGION_ACCESS_MEASURES, Measure, field_of
from pages._ui.selection import Picker
from pages._ui.texts import _
from pipelines.serve import export, queries, travel_queries
from pipelines.serve.store import Store

OWN = "own"
LISTED = 300
SCORE_SCALE = 1000
PICKER = Picker("town", "towns", map="services_map")
REGION_PICKER = Picker("service_region", "regions", map="service_regions_map", forgets=True)


def town_columns(store: Store) -> dict[str, Any]:
    """Return the headings of a list of settlements with their reach."""
    return travel.town_columns(store) | {
        "minutes_nearest": tables.number(_("Minutes"), "%.0f"),
        "nearest": _("Nearest"),
        "minutes_second": tables.number(_("If it closed"), "%.0f"),
        "border_effect_min": tables.number(_("Border adds"), "%.0f"),
        "supply_score": tables.number(_("Supply per {n}").format(n=f"{SCORE_SCALE:,}"), "%.3f"),
    }


def _missing(coverage: pd.Series) -> str:
    """Say how many regions have no figures, and why."""
    gaps = int(coverage.fillna("").str.startswith("register").sum())
    uncovered = int((coverage == "country not covered").sum())
    if not gaps and not uncovered:
        return ""
    return _(
        "No figures in {gaps} regions whose own sites the register lacks, and in {uncovered} of "
        "countries that it does not cover: that is no data, not far away."
    ).format(gaps=f"{gaps:,}", uncovered=f"{uncovered:,}")


def bounds_of(store: Store, measure: Measure, limit: float) -> tuple[str, list[float]]:
    """Return the method and the bounds; those of the limit move with it."""
    if measure.breaks == "limit":
        return "fixed", [limit / 2, limit, 1.5 * limit, 2 * limit, 3 * limit]
    if measure.breaks == "quantiles":
        return "quantiles", []
    return "fixed", state.ask(store, queries.map_breaks, measure.breaks or measure.column) or []


def towns_view(
    store: Store,
    service: dict[str, Any],
    values: pd.Series,
    measure: Measure,
    limit: float,
    countries: tuple[str, ...],
    town: dict[str, Any] | None = None,
) -> None:
    """Draw one measure of all settlements, coloured against the limit."""
    if measure.column == "supply_score":
        values = values * SCORE_SCALE
    method, bounds = bounds_of(store, measure, limit)
    classes = classify(values, None, measure, method, bounds)
    label, plural = field_of(store, measure).label, _(service["plural"])
    box = state.box_around(state.ask(store, queries.region_bounds), countries)
    if town:
        box = town_profile.box_around(town)
    is_walk = measure.column in ("minutes_walk", "minutes_cycle")
    words = travel.walking_words(store) if is_walk else travel.minutes_words(store)

    def deck() -> pdk.Deck:
        dots = service["kind"] == "register" and address.checkbox(
            st, _("Draw the {sites}").format(sites=plural), "sites", "toggle"
        )
        return frame.town_deck(store, classes, town, box, service["service"] if dots else None)

    with frame.map_left(
        store,
        PICKER,
        deck,
        _("Map: {question}").format(question=label),
        travel.sources_of(service),
        title=f"{label}: {plural}",
        captions=[_line(service, limit)],
        note=words,
    ):
        card.of_town(store, town, measure, values, classes)
        count = _("{n} of {total} settlements").format(
            n=f"{values.notna().sum():,}", total=f"{len(values):,}"
        )
        frame.legend_of(store, measure, classes, count)


def _line(service: dict[str, Any], limit: float) -> str:
    reference = service.get("reference_min")
    text = (
        _("Limit {limit} minutes; reference line {reference} minutes.")
        if reference
        else _("Limit {limit} minutes.")
    )
    words = text.format(limit=f"{limit:g}", reference=f"{reference or 0:g}")
    return f"{words} {travel.recomputed()}"


def worst_list(
    store: Store, service: dict[str, Any], limit: float, countries: tuple[str, ...]
) -> None:
    """Draw people beyond the limit and the largest places there; offer the download."""
    name = service["service"]
    facts = state.ask(store, travel_queries.access_summary, name, limit, countries)
    share = facts["people_beyond"] / facts["people"] if facts["people"] else None
    cards = st.columns(3)
    beyond_metric(cards[0], limit, facts["people_beyond"])
    cards[1].metric(_("Share of people with data"), format.number(share, "{:.1%}"))
    cards[2].metric(
        _("Settlements beyond"),
        _("{n} of {total}").format(n=f"{facts['beyond']:,}", total=f"{facts['settlements']:,}"),
    )
    if service["kind"] == "register":
        st.subheader(_("Far from a registered site: the largest places beyond the limit"))
        st.caption(travel.check_the_register())
        travel.report_link(store, service)
    else:
        st.subheader(_("Worst served: the largest places beyond the limit"))
    rows = state.ask(store, travel_queries.worst_served, name, limit, countries, LISTED)
    if rows.empty:
        st.info(_("No settlement with data lies beyond the limit."))
    tables.show(
        rows.assign(supply_score=rows["supply_score"] * SCORE_SCALE),
        {"geonameid": None} | town_columns(store),
        _("Worst served"),
        height=320,
    )
    _gap_list(store, name, countries)
    st.subheader(_("Download the reach of all settlements"))
    downloads.rows(store, "access", lambda: _of_service(store, "access", name), f"service: {name}")


def _gap_list(store: Store, service: str, countries: tuple[str, ...]) -> None:
    """Draw the places that the register says nothing of: they are in no ranking."""
    rows = state.ask(store, travel_queries.in_register_gaps, service, countries)
    if rows.empty:
        return
    st.subheader(_("Not ranked: the register has a gap there"))
    st.caption(
        _(
            "{n} settlements with {people} people lie in regions whose own sites the register "
            "lacks. How far they are is not known: they are grey on the map and not in the list "
            "above or in the shares."
        ).format(n=f"{len(rows):,}", people=format.people(rows["population"].sum()))
    )
    tables.show(
        rows.head(LISTED),
        {"geonameid": None}
        | travel.town_columns(store)
        | tables.columns(store, "access", ["coverage"]),
        _("Settlements of which the register says nothing"),
        height=240,
    )


def _of_service(store: Store, mart: str, service: str, level: int | None = None) -> pa.Table:
    data = export.read_mart(store, mart, level)
    return data.filter(export.equal(data, "service", service))


def beyond_metric(place: Any, limit: float, people: Any) -> None:
    """Draw how many people live beyond the limit."""
    label = _("People beyond {limit} minutes").format(limit=f"{limit:g}")
    place.metric(label, format.people(people))


def regions_view(
    store: Store, service: dict[str, Any], measure: Measure, level: int, limit: float
) -> None:
    """Draw one measure of regions, its table and download."""
    name = service["service"]
    table = state.ask(store, travel_queries.region_access, name, level, limit)
    method, bounds = bounds_of(store, measure, limit)
    values = table[measure.column]
    classes = classify(values, None, measure, method, bounds)
    label = field_of(store, measure).label
    is_desert = measure.column == "desert_share"
    what = _("tiers of centres") if is_desert else _(service["plural"])
    # Deserts are known of settlements alone.
    weighted, grid = travel.basis(table.assign(people_basis="settlements") if is_desert else table)
    with frame.map_left(
        store,
        REGION_PICKER,
        frame.region_deck(store, f"regions-{level}", classes),
        _("Map: {question}").format(question=label),
        (*travel.sources_of(service), *grid),
        title=f"{label}: {what}",
        captions=[f"{_line(service, limit)} {weighted} {_missing(table['coverage'])}".strip()],
        note=travel.minutes_words(store),
    ):
        card.of_region(store, REGION_PICKER.value, measure, table["nuts_id"], values, classes)
        tiers = state.thresholds(store)["access_desert_tiers"]
        st.metric(
            _("People in service deserts"),
            format.millions(table["desert_people"].sum()),
            help=_("Beyond the target of {n} tiers of centres or more.").format(n=f"{tiers:g}"),
        )
        count = _("{n} of {total} regions").format(
            n=f"{values.notna().sum():,}", total=f"{len(table):,}"
        )
        frame.legend_of(store, measure, classes, count)
        if not REGION_PICKER.value:
            st.caption(_("Click a region to see its value."))
    travel.settled_words(table)
    st.subheader(_("Table"))
    rising = "within" in measure.column
    tables.show(
        table.sort_values([measure.column, "nuts_id"], ascending=[rising, True]),
        _region_columns(store),
        _("Regions"),
        height=320,
    )
    downloads.rows(
        store,
        "region_access",
        lambda: _of_service(store, "region_access", name, level),
        f"service: {name}; level {level}",
    )


def _region_columns(store: Store) -> dict[str, Any]:
    measures = {
        column: tables.number(
            field_of(store, measure).label, "percent" if column.endswith("share") else "%.1f"
        )
        for column, measure in REGION_ACCESS_MEASURES.items()
    }
    names = (
        "nuts_id",
        "name",
        "country",
        "coverage",
        "people_basis",
        "people",
        "beyond_reference_share",
    )
    return (
        tables.columns(store, "region_access", names)
        | tables.columns(store, "region_deserts", ["desert_people"])
        | tables.columns(store, "regions", ("settled_share", "settled_note"))
        | measures
    )

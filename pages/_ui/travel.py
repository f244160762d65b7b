"""What the pages of travel time share: words, sources, headings."""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import quote

import pandas as pd
import streamlit as st

from pages._ui import documents, state, tables
from pages._ui.measures import TRAVEL
from pages._ui.texts import _, figure, plain
from pipelines.serve import queries, ranges, travel_queries
from pipelines.serve.store import Store

#: GISCO's own address for questions on its data.
REPORT_TO = "estat-gisco@ec.europa.eu"


def estimate() -> str:
    """Say what the minutes are."""
    words = _("Minutes are estimated, by car in free flow.") + " EPSG:3035."
    return f"{words} {documents.link('travel-time')}".strip()


def minutes_words(store: Store) -> str:
    """Say what the minutes of the published tables are, and whose roads they follow."""
    countries = state.ask(store, travel_queries.measured_countries)
    if not countries:
        return estimate()
    words = _(
        "Minutes are by car in free flow. In {countries} they are a routing engine's over "
        "OpenStreetMap's roads where a stored matrix holds the way (travel_basis; "
        "© OpenStreetMap contributors, ODbL 1.0); elsewhere they are estimated."
    ).format(countries=", ".join(plain(name) for name in countries))
    return f"{words} EPSG:3035."


def walking_words(store: Store) -> str:
    """Say what minutes on foot and by bicycle are."""
    limits = state.thresholds(store)
    words = _(
        "From the middle of the settlement: the straight distance × {detour}, at {walk} km/h on "
        "foot and {cycle} km/h by bicycle, or a stored matrix of that mode (walk_basis); nothing "
        "beyond {most} minutes. Hills are not in it. Public transport is not covered."
    ).format(
        detour=f"{limits['walk_detour']:g}",
        walk=f"{limits['walk_speed_kmh']:g}",
        cycle=f"{limits['walk_cycle_speed_kmh']:g}",
        most=f"{limits['walk_most_min']:g}",
    )
    return f"{words} EPSG:3035."


def recomputed() -> str:
    """Say that the figures are not official ones."""
    return _("Re-computed, not official.")


GRID = "eurostat_census_grid"


def basis(table: pd.DataFrame) -> tuple[str, tuple[str, ...]]:
    """Say where the people of regions are counted, and which source that adds."""
    regions = table["people_basis"].value_counts()
    by_cells = int(regions.get("census grid", 0))
    if not by_cells:
        return _("Weighted by people in settlements, NUTS 2021."), ()
    words = _(
        "Weighted by people where they live, NUTS 2021: cells of 1 km² of the census of 2021 in "
        "{cells} of {total} regions, settlements in the others."
    ).format(cells=f"{by_cells:,}", total=f"{int(regions.sum()):,}")
    return words, (GRID,)


def city_words(store: Store, town: dict[str, Any]) -> str:
    """Say how far a settlement is from a city, and if that could be either side of the limit."""
    if town["minutes_to_city"] == 0:
        return _("A city itself: 0 minutes from one.")
    said = ranges.city(town, state.thresholds(store)["remoteness_close_to_city_min"])
    return said.worded() if said else ""


def pole_words(town: dict[str, Any]) -> str:
    """Say how far a settlement is from a pole, and whether its class could be the next one."""
    said = ranges.pole(town)
    return said.worded() if said else ""


def either_way_metric(table: pd.DataFrame) -> None:
    """Draw the share of people whose class of remoteness could go either way."""
    people = table["population"]
    share = people[table["either_way"]].sum() / people.sum()
    st.metric(
        _("People of uncertain class"),
        figure(share, "{:.1%}"),
        help=_(
            "Their class could go either way: a cut point lies between the minutes less and plus "
            "the error of one trip of that length."
        ),
    )


def check_the_register() -> str:
    """Say what a long way to a registered site may be."""
    return _(
        "Far from a *registered* site: check the register first. A hospital that the file lacks, "
        "or has elsewhere, makes a town look far from all."
    )


def report_link(store: Store, service: dict[str, Any]) -> None:
    """Draw where the publisher of a register says what it holds, and takes corrections."""
    table = state.ask(store, queries.sources)
    rows = table[table["name"] == service["source"]]
    if rows.empty:
        return
    subject = quote(f"{rows['title'].iloc[0]}: correction of a site")
    page, mail = escape(rows["url"].iloc[0]), f"mailto:{REPORT_TO}?subject={subject}"
    st.html(
        f'<a class="hinterland-link" href="{escape(mail)}">{escape(_("Report an error"))}</a> · '
        f'<a class="hinterland-link" href="{page}">{escape(_("The register at its publisher"))}</a>'
    )


def sources_of(service: dict[str, Any]) -> tuple[str, ...]:
    """Return what a service's reach is made from."""
    # A user's own facilities have no source.
    return (*TRAVEL, service["source"]) if service.get("source") else TRAVEL


def town_columns(store: Store) -> dict[str, Any]:
    """Return the headings of a list of settlements."""
    names = ("name", "country_name", "region_name", "population")
    return tables.columns(store, "towns", names)


def is_in_gap(store: Store, service: str, geonameid: int) -> bool:
    """Return whether the register lacks the sites of a settlement's own region."""
    gaps = state.ask(store, travel_queries.in_register_gaps, service, ())
    return bool((gaps["geonameid"] == geonameid).any())


def settled_words(table: pd.DataFrame) -> None:
    """Say in how many regions the settlements are far from the official people, if in any."""
    # Who is counted in cells is counted where no settlement is listed too.
    table = table[table["people_basis"] != "census grid"]
    notes = table["settled_note"].value_counts()
    if notes.empty:
        return
    counts = ", ".join(f"{figure(n)} ({_(str(note))})" for note, n in notes.items())
    st.caption(
        _(
            "Shares are of the people of listed settlements. In {counts} of {total} regions these "
            "are far from the official population, and a share says little: the table has both "
            "columns."
        ).format(counts=counts, total=f"{len(table):,}")
    )

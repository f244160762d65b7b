"""The views of the services page: settlements, regions, and the user's own facilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import downloads, format, legend, maps, state, travel
from pages._ui.classes import classify
from pages._ui.measures import Measure
from pages._ui.remoteness_views import town_map
from pipelines.serve import export, queries
from pipelines.serve import travel_queries as asked
from pipelines.serve.store import Store

NEAR = tuple(travel.NEAR_TO_FAR)
FAR = tuple(reversed(NEAR))
OWN = "own"
LISTED = 300


@dataclass(frozen=True)
class Shown:
    """A measure, and the breaks that class it: of the seed, of the limit or by counts."""

    measure: Measure
    breaks: str


TOWN_MEASURES = {
    "minutes_nearest": Shown(
        travel.measure("Minutes to the nearest", "minutes", "{:g}", NEAR), "limit"
    ),
    "minutes_second": Shown(
        travel.measure("Minutes if the nearest closed", "minutes", "{:g}", NEAR), "limit"
    ),
    "minutes_mean_3": Shown(
        travel.measure("Mean minutes to the three nearest", "minutes", "{:g}", NEAR), "limit"
    ),
    "within_15": Shown(
        travel.measure("Sites within 15 minutes", "sites", "{:.0f}", FAR), "sites_within"
    ),
    "within_30": Shown(
        travel.measure("Sites within 30 minutes", "sites", "{:.0f}", FAR), "sites_within"
    ),
    "within_60": Shown(
        travel.measure("Sites within 60 minutes", "sites", "{:.0f}", FAR), "sites_within"
    ),
    "supply_score": Shown(
        travel.measure("Supply score (E2SFCA)", "per 1 000 people", "{:.3g}", FAR[1:]), "quantiles"
    ),
    "border_effect_min": Shown(
        travel.measure("Minutes that the border would add", "minutes", "{:.0f}", NEAR[:5]),
        "border_effect_min",
    ),
}
REGION_MEASURES = {
    "within_15_share": Shown(
        travel.measure("Share of people within 15 minutes", "share", "{:.0%}", FAR[1:]),
        "share_within",
    ),
    "within_30_share": Shown(
        travel.measure("Share of people within 30 minutes", "share", "{:.0%}", FAR[1:]),
        "share_within",
    ),
    "within_60_share": Shown(
        travel.measure("Share of people within 60 minutes", "share", "{:.0%}", FAR[1:]),
        "share_within",
    ),
    "beyond_limit_share": Shown(
        travel.measure("Share of people beyond the limit", "share", "{:.0%}", NEAR[:5]),
        "share_beyond",
    ),
    "minutes_mean": Shown(
        travel.measure("Mean minutes", "minutes", "{:.0f}", NEAR), "minutes_to_service"
    ),
    "minutes_p90": Shown(
        travel.measure("90th percentile of minutes", "minutes", "{:.0f}", NEAR),
        "minutes_to_service",
    ),
    "border_effect_min": Shown(
        travel.measure("Minutes that the border would add", "minutes", "{:.0f}", NEAR[:5]),
        "border_effect_min",
    ),
    "desert_share": Shown(
        travel.measure("Share of people in service deserts", "share", "{:.0%}", NEAR[:5]),
        "share_beyond",
    ),
}
SCORE_SCALE = 1000
COLUMNS = {
    "geonameid": None,
    "name": "Name",
    "country_name": "Country",
    "region_name": "Region",
    "population": st.column_config.NumberColumn("People", format="localized"),
    "minutes_nearest": st.column_config.NumberColumn("Minutes", format="%.0f"),
    "nearest": "Nearest",
    "minutes_second": st.column_config.NumberColumn("If it closed", format="%.0f"),
    "border_effect_min": st.column_config.NumberColumn("Border adds", format="%.0f"),
    "supply_score": st.column_config.NumberColumn(f"Supply per {SCORE_SCALE:,}", format="%.3f"),
}


def _bounds(store: Store, breaks: str, limit: float) -> tuple[str, list[float]]:
    """Return the method and the bounds; those of the limit move with it."""
    if breaks == "limit":
        return "fixed", [limit / 2, limit, 1.5 * limit, 2 * limit, 3 * limit]
    if breaks == "quantiles":
        return "quantiles", []
    return "fixed", state.ask(store, queries.map_breaks, breaks)


def towns_view(
    store: Store,
    service: dict[str, Any],
    values: pd.Series,
    column: str,
    limit: float,
    countries: tuple[str, ...],
) -> None:
    """Draw one measure of all settlements, coloured against the limit."""
    shown = TOWN_MEASURES[column]
    if column == "supply_score":
        values = values * SCORE_SCALE
    method, bounds = _bounds(store, shown.breaks, limit)
    classes = classify(values, None, shown.measure, method, bounds)
    left, right = st.columns([3, 1])
    with left:
        st.subheader(f"{shown.measure.label}: {service['plural']}")
        st.caption(_line(service, limit))
        dots = service["kind"] == "register" and st.toggle(
            f"Draw the {service['plural']}", key="sites", bind="query-params"
        )
        town_map(
            store,
            classes,
            "services_map",
            f"Map: {shown.measure.label}",
            None,
            travel.box_of(store, countries),
            travel.sources_of(service),
            service["service"] if dots else None,
        )
    with right:
        legend.show(
            classes,
            shown.measure.label,
            shown.measure.unit,
            f"{values.notna().sum():,} of {len(values):,} settlements",
            True,
        )


def _line(service: dict[str, Any], limit: float) -> str:
    reference = (
        f"; reference line {service['reference_min']:g} minutes"
        if service.get("reference_min")
        else ""
    )
    return f"Limit {limit:g} minutes{reference}. {travel.RECOMPUTED}"


def worst_list(
    store: Store, service: dict[str, Any], limit: float, countries: tuple[str, ...]
) -> None:
    """Draw people beyond the limit and the largest places there; offer the download."""
    facts = state.ask(store, asked.access_summary, service["service"], limit, countries)
    cards = st.columns(3)
    cards[0].metric(f"People beyond {limit:g} minutes", format.people(facts["people_beyond"]))
    cards[1].metric(
        "Share of people with data",
        format.number(
            facts["people_beyond"] / facts["people"] if facts["people"] else None, "{:.1%}"
        ),
    )
    cards[2].metric("Settlements beyond", f"{facts['beyond']:,} of {facts['settlements']:,}")
    st.subheader("Worst served: the largest places beyond the limit")
    rows: pd.DataFrame = state.ask(
        store, asked.worst_served, service["service"], limit, countries, LISTED
    )
    if rows.empty:
        st.info("No settlement with data lies beyond the limit.")
    rows = rows.assign(supply_score=rows["supply_score"] * SCORE_SCALE)
    st.dataframe(
        rows,
        column_config=COLUMNS,
        hide_index=True,
        height=320,
        alt="Worst served",
        placeholder=format.NONE,
    )
    st.subheader("Download the reach of all settlements")

    def read() -> Any:
        data = export.read_mart(store, "access")
        return data.filter(export.equal(data, "service", service["service"]))

    downloads.rows(store, "access", read, f"service: {service['service']}")


def regions_view(
    store: Store, service: dict[str, Any], column: str, level: int, limit: float
) -> None:
    """Draw one measure of regions, its table and download."""
    table: pd.DataFrame = state.ask(store, asked.region_access, service["service"], level, limit)
    shown = REGION_MEASURES[column]
    method, bounds = _bounds(store, shown.breaks, limit)
    classes = classify(table[column], None, shown.measure, method, bounds)
    left, right = st.columns([3, 1])
    with left:
        what = "tiers of centres" if column == "desert_share" else service["plural"]
        st.subheader(f"{shown.measure.label}: {what}")
        st.caption(_line(service, limit) + " Weighted by people in settlements, NUTS 2021.")
        deck = maps.region_deck(
            state.region_files(store, f"regions-{level}"),
            classes,
            None,
            maps.EUROPE,
            state.labels(store, maps.EUROPE),
        )
        maps.show(deck, "service_regions_map", f"Map: {shown.measure.label}", "rerun")
        st.caption(
            f"{travel.ESTIMATE} EPSG:3035. {state.attribution(store, travel.sources_of(service))}"
        )
    with right:
        deserts = table["desert_people"].sum()
        st.metric(
            "People in service deserts",
            format.millions(deserts),
            help="Beyond the target of two tiers of centres or more.",
        )
        legend.show(
            classes,
            shown.measure.label,
            shown.measure.unit,
            f"{table[column].notna().sum():,} of {len(table):,} regions",
            True,
        )
        travel.profile_link("service_regions_map")
    st.subheader("Table")
    ascending = "within" in column
    st.dataframe(
        table.sort_values([column, "nuts_id"], ascending=[ascending, True]),
        hide_index=True,
        height=320,
        alt="Regions",
        placeholder=format.NONE,
        column_config={
            "nuts_id": "Code",
            "name": "Region",
            "country": "Country",
            "people": st.column_config.NumberColumn("People", format="localized"),
            "desert_people": st.column_config.NumberColumn("People in deserts", format="localized"),
        }
        | {
            c: st.column_config.NumberColumn(
                s.measure.label, format="percent" if c.endswith("share") else "%.1f"
            )
            for c, s in REGION_MEASURES.items()
        }
        | {
            "beyond_reference_share": st.column_config.NumberColumn(
                "Beyond the reference line", format="percent"
            )
        },
    )

    def read() -> Any:
        data = export.read_mart(store, "region_access", level)
        return data.filter(export.equal(data, "service", service["service"]))

    downloads.rows(store, "region_access", read, f"service: {service['service']}; level {level}")

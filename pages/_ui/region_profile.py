"""The table of regions and the profile of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import format, population, state
from pipelines.serve import demography, queries
from pipelines.serve.store import Store

COLUMNS = {
    "nuts_id": st.column_config.TextColumn("Code"),
    "name": st.column_config.TextColumn("Region"),
    "country": st.column_config.TextColumn("Country"),
    "population_end": st.column_config.NumberColumn("Population", format="localized"),
    "change_pct": st.column_config.NumberColumn("Change, %", format="%+.2f"),
    "annual_change_pct": st.column_config.NumberColumn("A year, %", format="%+.2f"),
    "density_per_km2": st.column_config.NumberColumn("People per km²", format="%.0f"),
    "trend": st.column_config.TextColumn("Trend"),
    "urban_rural": st.column_config.TextColumn("Urban-rural"),
    "smst_count": st.column_config.NumberColumn("Towns 5-50 000"),
    "largest_town": st.column_config.TextColumn("Largest place"),
}


SORTS = {
    "lost most first": ("change_pct", True),
    "gained most first": ("change_pct", False),
    "largest first": ("population_end", False),
    "smallest first": ("population_end", True),
    "densest first": ("density_per_km2", False),
    "sparsest first": ("density_per_km2", True),
    "by name": ("name", True),
}
PAGE = 150


def page_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Draw order and page of a table; return the rows of that page.

    Sorting is done here, over the whole selection; a page keeps what travels small.
    """
    order, number = st.columns([3, 1])
    column, rising = SORTS[order.selectbox("Order", list(SORTS), key="order", bind="query-params")]
    rows = rows.sort_values(column, ascending=rising, kind="stable", na_position="last")
    pages = max(1, -(-len(rows) // PAGE))
    at = number.selectbox(f"Page of {pages}", range(1, pages + 1), disabled=pages == 1)
    return rows.iloc[(at - 1) * PAGE : at * PAGE].reset_index(drop=True)


def table(rows: pd.DataFrame, on_select: Callable[[], None]) -> None:
    """Draw the table of a selection; narrow types keep what travels small."""
    shown = rows[list(COLUMNS)].copy()
    for column in ("change_pct", "annual_change_pct", "density_per_km2"):
        shown[column] = shown[column].astype("Float32").round(2)
    for column in ("country", "trend", "urban_rural"):
        shown[column] = shown[column].astype("category")
    st.dataframe(
        shown,
        column_config=COLUMNS,
        hide_index=True,
        height=300,
        key="regions_table",
        on_select=on_select,
        selection_mode="single-row",
        placeholder=format.NONE,
        alt="Selected regions",
    )


def sentences(row: dict[str, Any], place: dict[str, Any] | None) -> list[str]:
    """Return the profile in plain sentences."""
    result = []
    if row["change_pct"] is not None:
        verb = "lost" if row["change_people"] < 0 else "gained"
        result.append(
            f"{row['name']} {verb} {abs(row['change_people']):,} people between "
            f"{row['year_start']} and {row['year_end']}: {row['change_pct']:+.2f} %, or "
            f"{row['annual_change_pct']:+.2f} % a year. {row['population_end']:,} people live "
            "there."
        )
        if place:
            result.append(
                f"Of {place['total']:,} regions of this level with figures, {place['place'] - 1:,} "
                "lost more or gained less."
            )
    elif row["regions_known"]:
        result.append(
            f"Figures cover {row['regions_known']} of its {row['regions_total']} NUTS-3 regions "
            f"({row['covered_area_share']:.0%} of the area) with {row['covered_population_end']:,} "
            "people; so the whole is not known."
        )
    else:
        result.append(
            "There are no census figures for this region in the embedded data."
            if row["population_source"].startswith("census")
            else "Eurostat's series has no figures for this region in both years."
        )
    if row["largest_town"]:
        result.append(
            f"Its largest place is {row['largest_town']} ({row['largest_town_population']:,} "
            f"people); it holds {row['smst_count']} small and medium-sized towns."
        )
    return result


def show(store: Store, nuts_id: str) -> None:
    """Draw the profile of one region."""
    row = state.ask(store, queries.region, nuts_id)
    if row is None:
        st.warning(f"There is no region with the code {nuts_id}.")
        return
    st.divider()
    st.header(f"{row['name']} ({row['nuts_id']}), {row['country_name']}")
    for sentence in sentences(row, state.ask(store, queries.rank, nuts_id)):
        st.markdown(f"- {sentence}")
    cards = st.columns(4)
    cards[0].metric(f"Population {row['year_end'] or ''}", format.people(row["population_end"]))
    cards[1].metric("Change", format.percent(row["change_pct"], 2))
    cards[2].metric("People per km²", format.number(row["density_per_km2"]))
    cards[3].metric("Area, km²", format.number(row["area_km2"]))
    facts, context = st.columns(2)
    with facts:
        st.subheader("What kind of region?")
        kinds = {
            "Trend": row["trend"],
            "Urban-rural": row["urban_rural"],
            "Mountain": row["mountain"],
            "Coast": row["coastal"],
            "Border (NUTS 2024)": row["border"],
            "Island (NUTS 2024)": row["island"],
            "Metropolitan (NUTS 2024)": row["metropolitan"],
            "In NUTS 2024": _later(row),
        }
        st.dataframe(
            pd.DataFrame({"": list(kinds), "official type": map(format.text, kinds.values())}),
            hide_index=True,
            alt="Types of the region",
        )
        if row["level"] < 3:
            st.caption("Official types exist for level 3 only; larger regions show no data.")
    with context:
        st.subheader("Compared with")
        st.dataframe(
            state.ask(store, queries.region_context, nuts_id),
            hide_index=True,
            placeholder=format.NONE,
            alt="Comparison with country and EU",
            column_config={
                "place": "",
                "regions": "NUTS-3 regions",
                "population_end": st.column_config.NumberColumn("Population", format="localized"),
                "change_pct": st.column_config.NumberColumn("Change, %", format="%+.2f"),
                "density_per_km2": st.column_config.NumberColumn("People per km²", format="%.0f"),
            },
        )
        st.caption("Change of summed populations, over NUTS-3 regions with figures.")
    words = population.long_words(state.ask(store, queries.population_basis))
    doubts = population.region_doubts(row)
    st.caption(f"Population and change on this page: {words}. {doubts}".rstrip())
    if row["level"] == 3 and state.ask(store, demography.years):
        st.page_link(
            "pages/shrinking.py",
            icon=":material/trending_down:",
            label=f"Births, deaths, migration of {row['name']} by year (Eurostat)",
            query_params={"region": nuts_id},
        )
    st.page_link(
        "pages/towns.py",
        label=f"Towns of {row['name']}",
        icon=":material/location_city:",
        query_params={"within": nuts_id},
    )


def _later(row: dict[str, Any]) -> str | None:
    if row["code_2024"] == row["nuts_id"]:
        return "same code" if row["change_2024"] == "none" else f"same code; {row['change_2024']}"
    if row["code_2024"]:
        return f"{row['code_2024']} {row['name_2024'] or ''} ({row['change_2024'].lower()})"
    return row["change_2024"]

"""The table of shrinking regions and the demographic profile of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import demography_charts, format, state
from pages._ui.classes import Classes
from pages._ui.demography_measures import AGE_SOURCES, EVENT_SOURCES, GDP_SOURCES, WEBB
from pipelines.serve import demography
from pipelines.serve.shrinking_filter import ShrinkingFilter
from pipelines.serve.store import Store

COLUMNS = {
    "nuts_id": st.column_config.TextColumn("Code"),
    "name": st.column_config.TextColumn("Region"),
    "country": st.column_config.TextColumn("Country"),
    "year_start": st.column_config.NumberColumn("From", format="%d"),
    "year_end": st.column_config.NumberColumn("To", format="%d"),
    "population_end": st.column_config.NumberColumn("Population", format="localized"),
    "annual_change_pct": st.column_config.NumberColumn("A year, %", format="%+.2f"),
    "natural_change_per_1000": st.column_config.NumberColumn("Natural, ‰", format="%+.1f"),
    "net_migration_per_1000": st.column_config.NumberColumn("Migration, ‰", format="%+.1f"),
    "webb_type": st.column_config.TextColumn("Webb"),
    "cause": st.column_config.TextColumn("Cause"),
    "shrinking_class": st.column_config.TextColumn("Rate"),
    "shape": st.column_config.TextColumn("Shape"),
    "median_age": st.column_config.NumberColumn("Median age", format="%.1f"),
    "gdp_pct_of_eu": st.column_config.NumberColumn("GDP, EU = 100", format="%.0f"),
    "watch_count": st.column_config.NumberColumn("Watch", format="%d"),
}


def missing() -> None:
    """Say plainly what the page lacks and how to bring it."""
    st.info(
        "This page needs Eurostat's yearly tables of population, births and deaths (and, for age "
        "and wealth, two more). They were not part of this database when it was built.",
        icon=":material/cloud_download:",
    )
    st.markdown("With a network, two commands bring them and build the database with them:")
    st.code("hinterland fetch\nhinterland build", language="shell")
    st.markdown("Files that lie in a folder already are used with:")
    st.code("hinterland build --sources DIR", language="shell")
    st.page_link("pages/regions.py", label="Population change by region", icon=":material/map:")


def worded(classes: Classes) -> Classes:
    """Return classes with Webb's types in words."""
    return replace(classes, labels=tuple(WEBB.get(label, label) for label in classes.labels))


def table(rows: pd.DataFrame, selectable: bool, on_select: Callable[[], None]) -> None:
    """Draw the table of a selection; narrow types keep what travels small."""
    shown = rows[list(COLUMNS)].copy()
    shown["population_end"] = shown["population_end"].round().astype("Int64")
    for column in shown.select_dtypes("float"):
        shown[column] = shown[column].astype("Float32").round(2)
    for column in ("country", "webb_type", "cause", "shrinking_class", "shape"):
        shown[column] = shown[column].astype("category")
    options: dict[str, Any] = {
        "column_config": COLUMNS,
        "hide_index": True,
        "height": 430,
        "key": "shrinking_table",
        "placeholder": format.NONE,
        "alt": "Selected regions",
    }
    if selectable:
        st.dataframe(shown, on_select=on_select, selection_mode="single-row", **options)
    else:
        st.dataframe(shown, lazy=True, **options)


def sentences(row: dict[str, Any], breaks: list[int]) -> list[str]:
    """Return the profile in plain sentences."""
    result = []
    if row["webb_type"] is None:
        result.append("Too few years of births, deaths and population are known in this period.")
    else:
        result.append(
            f"From 1 January {row['year_start']} to 1 January {row['year_end']} it changed by "
            f"{row['annual_change_pct']:+.2f} % a year: natural change "
            f"{row['natural_change_per_1000']:+.1f}, migration with statistical adjustment "
            f"{row['net_migration_per_1000']:+.1f} per 1 000 people a year."
        )
        cause = f", cause of shrinking: {row['cause']}" if row["cause"] else ""
        result.append(f"Webb's type {WEBB[row['webb_type']]}; {row['shrinking_class']}{cause}.")
        left_out = row["year_end"] - row["year_start"] - row["years_used"]
        if left_out:
            result.append(f"{left_out} of these years cross a break or are unknown: left out.")
    if row["duration_class"]:
        shape = f", shape: {row['shape']}" if row["shape"] else ""
        result.append(
            f"Over two observed periods ({row['earlier_from']}-{row['recent_from']}-"
            f"{row['recent_to']}): {row['duration_class']}{shape}."
        )
    if row["median_age"] is not None:
        result.append(
            f"Median age {row['median_age']:.1f} years in {row['age_year']} "
            f"({row['ageing_class']}); {row['old_age_ratio_pct']:.0f} people of 65 and more for "
            "100 of 15 to 64."
            if row["old_age_ratio_pct"] is not None
            else f"Median age {row['median_age']:.1f} years in {row['age_year']}."
        )
    if row["cohesion_category"]:
        result.append(
            f"Its NUTS-2 region {row['nuts2_id']} is {row['cohesion_category']} by GDP per head of "
            f"2015 to 2017 ({row['cohesion_gdp_pct']:.0f} % of the EU): computed, not the official "
            "list."
        )
    if row["is_converted"]:
        result.append("Some figures were brought from another NUTS vintage: estimates.")
    if breaks:
        result.append(f"Breaks in the series on 1 January {', '.join(map(str, breaks))}.")
    return result


def show(store: Store, selection: ShrinkingFilter, row: dict[str, Any]) -> None:
    """Draw the profile of one region."""
    years: pd.DataFrame = state.ask(
        store, demography.series, selection.nuts_version, row["nuts_id"]
    )
    breaks = (years.loc[years["is_break"].astype(bool), "year"] + 1).tolist()
    st.divider()
    st.header(f"{row['name']} ({row['nuts_id']}), {row['country_name']}")
    for sentence in sentences(row, breaks):
        st.markdown(f"- {sentence}")
    left, right = st.columns(2)
    with left:
        st.subheader("How many people?")
        st.altair_chart(demography_charts.population(years), alt="Population by year")
        st.subheader("Who is old, who is young?")
        if years["age_65_pct"].notna().any():
            st.altair_chart(demography_charts.ages(years), alt="Age groups by year")
        else:
            st.caption(f"Ages: {format.NONE}.")
    with right:
        st.subheader("Births, deaths, migration")
        st.altair_chart(demography_charts.components(years), alt="Components of change by year")
        st.subheader("Beside its country and the EU")
        beside = state.ask(store, demography.compared, selection.nuts_version, row["nuts_id"])
        if (chart := demography_charts.index(beside)) is not None:
            st.altair_chart(chart, alt="Population index of region, country and EU")
    st.caption(
        "Orange dashes: a break; the series does not go on across it. Migration is the rest of "
        "the change and holds Eurostat's statistical adjustment. The EU is the sum of its 27 "
        "countries."
    )
    last = beside.dropna(subset=["net_migration_per_1000"]).groupby("position").tail(1)
    st.dataframe(
        last[["place", "year", "natural_change_per_1000", "net_migration_per_1000"]],
        hide_index=True,
        placeholder=format.NONE,
        alt="Comparison with country and EU",
        column_config={
            "place": "",
            "year": st.column_config.NumberColumn("Year", format="%d"),
            "natural_change_per_1000": st.column_config.NumberColumn(
                "Natural change, ‰", format="%+.1f"
            ),
            "net_migration_per_1000": st.column_config.NumberColumn(
                "Net migration, ‰", format="%+.1f"
            ),
        },
    )
    st.caption(state.attribution(store, (*EVENT_SOURCES, *AGE_SOURCES, *GDP_SOURCES)))

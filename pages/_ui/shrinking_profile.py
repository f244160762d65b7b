"""The table of shrinking regions and the demographic profile of one."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import demography_charts, state, tables
from pages._ui.measures import EVENTS
from pages._ui.selection import Picker
from pages._ui.texts import N_, _, plain
from pipelines.serve import demography, dictionary
from pipelines.serve.shrinking_filter import ShrinkingFilter
from pipelines.serve.store import Store

WEBB = {
    "A": N_("A grows: births outweigh leaving"),
    "B": N_("B grows: births, then migration"),
    "C": N_("C grows: migration, then births"),
    "D": N_("D grows: migration outweighs deaths"),
    "E": N_("E shrinks: deaths outweigh migration"),
    "F": N_("F shrinks: deaths, then leaving"),
    "G": N_("G shrinks: leaving, then deaths"),
    "H": N_("H shrinks: leaving outweighs births"),
    "stationary": N_("stationary"),
}
BROKEN = N_("across a break: holds a revision")
PERIODS = "Eurostat five-year (embedded)"
LISTED = (
    "nuts_id",
    "name",
    "country",
    "year_start",
    "year_end",
    "population_end",
    "annual_change_pct",
    "natural_change_per_1000",
    "net_migration_per_1000",
    "webb_type",
    "cause",
    "shrinking_class",
    "shape",
    "median_age",
    "gdp_pct_of_eu",
    "watch_count",
)
_HEADS = tables.REGION_HEADS | {
    "year_start": N_("From"),
    "year_end": N_("To"),
    "natural_change_per_1000": N_("Natural, ‰"),
    "net_migration_per_1000": N_("Migration, ‰"),
    "webb_type": N_("Webb"),
    "cause": N_("Cause"),
    "shrinking_class": N_("Rate"),
    "shape": N_("Shape"),
    "gdp_pct_of_eu": N_("GDP, EU = 100"),
    "watch_count": N_("Watch"),
}
_FORMATS = {
    "year_start": "%d",
    "year_end": "%d",
    "natural_change_per_1000": "%+.1f",
    "net_migration_per_1000": "%+.1f",
    "gdp_pct_of_eu": "%.0f",
}
_TYPES = ("country", "webb_type", "cause", "shrinking_class", "shape")


def missing() -> None:
    """Say plainly what the page lacks and how to bring it."""
    st.info(
        _(
            "This page needs Eurostat's yearly tables of population, births and deaths (and, for "
            "age and wealth, two more). They were not part of this database when it was built."
        ),
        icon=":material/cloud_download:",
    )
    st.markdown(_("With a network, two commands bring them and build the database with them:"))
    st.code("hinterland fetch\nhinterland build", language="shell")
    st.markdown(_("Files that lie in a folder already are used with:"))
    st.code("hinterland build --sources DIR", language="shell")
    st.page_link("pages/regions.py", label=_("Population change by region"), icon=":material/map:")


def table(store: Store, rows: pd.DataFrame, picker: Picker | None) -> None:
    """Draw the table of a selection; a long one is sent piece by piece and takes no choice."""
    listed = rows[list(LISTED)]
    listed = listed.assign(population_end=listed["population_end"].round().astype("Int64"))
    floats = [*listed.select_dtypes("float")]
    more: dict[str, Any] = {} if picker else {"lazy": True, "key": "shrinking_table"}
    tables.show(
        tables.narrow(listed, floats, _TYPES),
        tables.columns(store, "region_demography", LISTED, _HEADS, **_FORMATS),
        _("Selected regions"),
        height=430,
        picker=picker,
        ids=rows["nuts_id"].tolist(),
        **more,
    )


def sentences(row: dict[str, Any], breaks: list[str]) -> list[str]:
    """Return the profile in plain sentences; a break is a year or a span of years."""
    result = _rates(row) + _duration(row) + _ages(row)
    if row["cohesion_category"]:
        result.append(
            _(
                "Its NUTS-2 region {code} is {category} by GDP per head ({gdp} % of the EU; "
                "{basis}): computed, not the official list."
            ).format(
                code=row["nuts2_id"],
                category=_(row["cohesion_category"]),
                basis=_(row["cohesion_basis"]),
                gdp=f"{row['cohesion_gdp_pct']:.0f}",
            )
        )
    if row["is_converted"]:
        result.append(_("Some figures were brought from another NUTS vintage: estimates."))
    if breaks:
        text = (
            _(
                "Breaks in the series within {years}: natural change is sound there, migration is "
                "not, and no type rests on it."
            )
            if row["demography_basis"] == PERIODS
            else _("Breaks in the series on 1 January {years}.")
        )
        result.append(text.format(years=", ".join(breaks)))
    if row["demography_basis"] == PERIODS:
        result.append(
            _(
                "These are the embedded figures in periods of five years; fetched tables bring "
                "every year."
            )
        )
    return result


def _rates(row: dict[str, Any]) -> list[str]:
    if row["webb_type"] is None:
        return [_("Too few years of births, deaths and population are known in this period.")]
    result = [
        _(
            "From 1 January {first} to 1 January {last} it changed by {annual} % a year: natural "
            "change {natural}, migration with statistical adjustment {migration} per 1 000 people "
            "a year."
        ).format(
            first=row["year_start"],
            last=row["year_end"],
            annual=f"{row['annual_change_pct']:+.2f}",
            natural=f"{row['natural_change_per_1000']:+.1f}",
            migration=f"{row['net_migration_per_1000']:+.1f}",
        )
    ]
    if row["change_spans_break"]:
        result.append(
            _(
                "The rates count {used} of {years} years: the others lie across a break, so the "
                "people of both ends do not compare."
            ).format(used=row["years_used"], years=row["year_end"] - row["year_start"])
        )
    text = (
        _("Webb's type {type_}; {rate}, cause of shrinking: {cause}.")
        if row["cause"]
        else _("Webb's type {type_}; {rate}.")
    )
    result.append(
        text.format(
            type_=_(WEBB[row["webb_type"]]),
            rate=_(row["shrinking_class"]),
            cause=_(row["cause"] or ""),
        )
    )
    left_out = row["year_end"] - row["year_start"] - row["years_used"]
    if left_out:
        result.append(
            _("{n} of these years cross a break or are unknown: left out.").format(n=left_out)
        )
    return result


def _duration(row: dict[str, Any]) -> list[str]:
    if not row["duration_class"]:
        return []
    text = (
        _("Over two observed periods ({first}-{middle}-{last}): {duration}, shape: {shape}.")
        if row["shape"]
        else _("Over two observed periods ({first}-{middle}-{last}): {duration}.")
    )
    return [
        text.format(
            first=row["earlier_from"],
            middle=row["recent_from"],
            last=row["recent_to"],
            duration=_(row["duration_class"]),
            shape=_(row["shape"] or ""),
        )
    ]


def _ages(row: dict[str, Any]) -> list[str]:
    if row["median_age"] is None:
        return []
    text = (
        _("Median age {age} years in {year} ({class_}).")
        if row["old_age_ratio_pct"] is None
        else _(
            "Median age {age} years in {year} ({class_}); {old} people of 65 and more for 100 of "
            "15 to 64."
        )
    )
    return [
        text.format(
            age=f"{row['median_age']:.1f}",
            year=row["age_year"],
            class_=_(str(row["ageing_class"])),
            old=f"{row['old_age_ratio_pct'] or 0:.0f}",
        )
    ]


def show(store: Store, selection: ShrinkingFilter, row: dict[str, Any]) -> None:
    """Draw the profile of one region."""
    version, nuts_id = selection.nuts_version, row["nuts_id"]
    years = state.ask(store, demography.series, version, nuts_id)
    broken = years.loc[years["is_break"].astype(bool)]
    breaks = [
        str(last) if length == 1 else f"{last - length}-{last}"
        for last, length in zip(
            broken["year"] + broken["period_years"], broken["period_years"], strict=True
        )
    ]
    st.divider()
    st.header(f"{plain(row['name'])} ({nuts_id}), {_(row['country_name'])}")
    for sentence in sentences(row, breaks):
        st.markdown(f"- {sentence}")
    beside = state.ask(store, demography.compared, version, nuts_id)
    _charts(years, beside)
    st.caption(
        _(
            "Orange dashes: a break; the series does not go on across it, and what stands there as "
            "migration (paler bars) holds a revision. Migration is the rest of the change and "
            "holds Eurostat's statistical adjustment. The EU is the sum of its 27 countries."
        )
    )
    last = beside.dropna(subset=["net_migration_per_1000"]).groupby("position").tail(1)
    names = ("natural_change_per_1000", "net_migration_per_1000")
    tables.show(
        last.assign(
            year_end=last["year"] + last["period_years"],
            reading=last["is_break"].fillna(value=False).map({True: _(BROKEN), False: ""}),
        )[["place", "year", "year_end", *names, "reading"]],
        {
            "place": "",
            "year": tables.number(_("From 1 January"), "%d"),
            "year_end": tables.number(_("To 1 January"), "%d"),
            "reading": _("Reading of migration"),
        }
        | tables.columns(store, "region_demography", names, None, **_FORMATS),
        _("Comparison with country and EU"),
    )
    used = ("median_age", "gdp_pct_of_eu")
    fields = [dictionary.field(store, "region_demography", name) for name in used]
    st.caption(state.attribution(store, (*EVENTS, *(s for f in fields for s in f.sources))))


def _charts(years: pd.DataFrame, beside: pd.DataFrame) -> None:
    left, right = st.columns(2)
    with left:
        st.subheader(_("How many people?"))
        st.altair_chart(demography_charts.population(years), alt=_("Population by year"))
        st.subheader(_("Who is old, who is young?"))
        if years["age_65_pct"].notna().any():
            st.altair_chart(demography_charts.ages(years), alt=_("Age groups by year"))
        else:
            st.caption(_("Ages: no data."))
    with right:
        st.subheader(_("Births, deaths, migration"))
        components = demography_charts.components(years)
        st.altair_chart(components, alt=_("Components of change by year"))
        st.subheader(_("Beside its country and the EU"))
        if (chart := demography_charts.index(beside)) is not None:
            st.altair_chart(chart, alt=_("Population index of region, country and EU"))

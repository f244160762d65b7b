"""The widgets that make a ``ShrinkingFilter``; each value stands in the address bar."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from pages._ui import state
from pages._ui.demography_measures import AGEING, CAUSES, DURATIONS, MEASURES, SHAPES, WEBB
from pages._ui.measures import REGION_MEASURES
from pipelines.serve import demography
from pipelines.serve.shrinking_filter import ShrinkingFilter
from pipelines.serve.store import Store
from pipelines.serve.thresholds import threshold_facts, thresholds


def _period(span: dict[str, int], window_years: int) -> tuple[int, int] | None:
    """Draw the slider of years; untouched it means each region's latest window."""
    first, last = span["first_year"], span["last_year"]
    whole = (last - window_years, last)
    chosen = st.slider(
        "Period, 1 January to 1 January",
        first,
        last,
        whole,
        key="period",
        bind="query-params",
        help="Untouched: each region's latest window. Moved: exactly these years, and a region "
        "of which too few are known shows no data.",
    )
    if chosen == whole:
        return None
    if chosen[0] == chosen[1]:
        st.warning("A period needs at least one year; the latest windows are shown.")
        return None
    return chosen


def _range(
    label: str, values: pd.Series, key: str, step: float
) -> tuple[float | None, float | None]:
    """Draw a slider over known values; an end that was not moved does not restrict."""
    known = values.dropna()
    if known.empty:
        return (None, None)
    low, high = math.floor(known.min()), math.ceil(known.max())
    chosen = st.slider(
        label,
        float(low),
        float(high),
        (float(low), float(high)),
        step,
        key=key,
        bind="query-params",
    )
    return (None if chosen[0] == low else chosen[0], None if chosen[1] == high else chosen[1])


def _moved(store: Store) -> tuple[tuple[str, float], ...]:
    """Draw one number field a movable threshold and return those that were moved."""
    moved = []
    facts = state.ask(store, threshold_facts, demography.MOVABLE)
    with st.expander("Move thresholds"):
        for name in demography.MOVABLE:
            row = facts[name]
            value = st.number_input(
                f"{row['label']} ({row['unit']})",
                value=row["value"],
                key=name,
                format="%.4g",
                step=0.1,
                bind="query-params",
                help=f"{row['source']}: {row['evidence']}",
            )
            if value is not None and value != row["value"]:
                moved.append((name, value))
        if moved:
            st.caption("Moved thresholds change types, causes, map, table and download at once.")
    return tuple(moved)


def read_filter(store: Store, span: dict[str, int]) -> ShrinkingFilter:
    """Draw the filter and return the selection."""
    versions = state.ask(store, demography.vintages)
    version = st.segmented_control(
        "Boundaries",
        versions,
        default=versions[0],
        format_func="NUTS {}".format,
        key="nuts",
        bind="query-params",
        required=True,
    )
    facts = state.ask(store, thresholds)
    period = _period(span, int(facts["webb_window_years"]))
    names = state.country_names(store)
    country = state.multiselect("Country", list(names), "country", format_func=names.get)
    webb = state.multiselect("Webb's type", list(WEBB), "webb", format_func=WEBB.get)
    cause = state.multiselect("Cause of shrinking", list(CAUSES), "cause")
    rate = state.multiselect("Rate class", list(MEASURES["shrinking_class"].categories), "rate")
    whole = state.ask(store, demography.regions, ShrinkingFilter(nuts_version=version))
    annual = _range("Annual change, %", whole["annual_change_pct"], "annual", 0.1)
    with st.expander("Duration, age, wealth, type of region"):
        duration = state.multiselect("Duration of decline", list(DURATIONS), "duration")
        shape = state.multiselect("Shape of decline", list(SHAPES), "shape")
        ageing = state.multiselect("Age class", list(AGEING), "ageing")
        age = _range("Median age, years", whole["median_age"], "age", 0.5)
        cohesion = state.multiselect(
            "Cohesion category (computed)",
            list(MEASURES["cohesion_category"].categories),
            "cohesion",
            help="Computed from GDP per head of the NUTS-2 region, not the official list.",
        )
        gdp = _range("GDP per head, % of the EU", whole["gdp_pct_of_eu"], "gdp", 1.0)
        urban = state.multiselect(
            "Urban-rural type", list(REGION_MEASURES["urban_rural"].categories), "urban_rural"
        )
        classes = state.ask(store, demography.remoteness_classes) if version == 2021 else []
        remote = state.multiselect("Remoteness", classes, "remoteness") if classes else ()
        watch = st.slider(
            "Criteria of the watch list met, at least",
            0,
            4,
            0,
            key="watch",
            bind="query-params",
            help="Shrinks, is aged, is poor, is remote; a criterion that is not known counts as "
            "not met.",
        )
    return ShrinkingFilter(
        nuts_version=version,
        period=period,
        country=country,
        webb_type=webb,
        cause=cause,
        shrinking_class=rate,
        duration_class=duration,
        shape=shape,
        urban_rural=urban,
        ageing_class=ageing,
        cohesion_category=cohesion,
        remoteness=remote,
        annual_change_pct=annual,
        median_age=age,
        gdp_pct_of_eu=gdp,
        watch_min=watch,
        moved=_moved(store),
    )

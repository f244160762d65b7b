"""The widgets that make a ``ShrinkingFilter``; each value stands in the address bar."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import address, dials, state
from pages._ui.facet_counts import Counted
from pages._ui.measures import DEMOGRAPHY_MEASURES, PANEL_MEASURES, categories
from pages._ui.shrinking_profile import WEBB
from pages._ui.texts import _
from pipelines.serve import demography, dictionary
from pipelines.serve.crossing_filter import CLASSES
from pipelines.serve.shrinking_filter import ShrinkingFilter
from pipelines.serve.store import Store


def _period(span: dict[str, int], window_years: int) -> tuple[int, int] | None:
    """Draw the slider of years; untouched it means each region's latest window."""
    first, last = span["first_year"], span["last_year"]
    whole = (last - window_years, last)
    chosen: tuple[int, int] = address.slider(
        _("Period, 1 January to 1 January"),
        "period",
        first,
        last,
        whole,
        span["step"],
        help=_(
            "Untouched: each region's latest window. Moved: exactly these years, and a region of "
            "which too few are known shows no data."
        ),
    )
    chosen = (min(chosen), max(chosen))  # an address may state the ends in either order
    if chosen == whole:
        return None
    if chosen[0] == chosen[1]:
        address.say(_("A period needs at least one year; the latest windows are shown."))
        return None
    known = demography.on_grid(span, chosen)
    if known != chosen:
        address.say(
            _(
                "Figures are known for periods of {step} years from {first} on: {start} to {end} "
                "is shown as {known_start} to {known_end}."
            ).format(
                step=span["step"],
                first=first,
                start=chosen[0],
                end=chosen[1],
                known_start=known[0],
                known_end=known[1],
            )
        )
    return None if known == whole else known


def _range(
    label: str, values: pd.Series, key: str, step: float
) -> tuple[float | None, float | None]:
    """Draw a slider over known values; an end that was not moved does not restrict."""
    known = values.dropna()
    if known.empty:
        return (None, None)
    low, high = float(math.floor(known.min())), float(math.ceil(known.max()))
    start, end = address.slider(label, key, low, high, (low, high), step)
    return (None if start == low else start, None if end == high else end)


def _webb_words(code: str) -> str:
    return _(WEBB.get(code, code))


def read_filter(store: Store, span: dict[str, int]) -> ShrinkingFilter:
    """Draw the filter and return the selection."""
    version, level = _boundaries(store)
    period = _period(span, int(state.thresholds(store)["webb_window_years"]))
    country = state.countries(store)
    counted = Counted(store)
    webb = counted.choose(
        _("Webb's type"),
        categories(DEMOGRAPHY_MEASURES, "webb_type"),
        "webb",
        "webb_type",
        format_func=_webb_words,
    )
    causes = [c for c in categories(DEMOGRAPHY_MEASURES, "cause_class") if c != "not shrinking"]
    cause = counted.choose(_("Cause of shrinking"), causes, "cause", "cause")
    rate = _types(counted, "shrinking_class", "rate", _("Rate class"))
    # Ranges of the smallest regions at every level: ends that moved would refuse an address.
    whole = state.ask(store, demography.regions, ShrinkingFilter(nuts_version=version))
    annual = _range(_("Annual change, %"), whole["annual_change_pct"], "annual", 0.1)
    with st.expander(_("Duration, age, wealth, type of region")):
        more = _more(store, counted, whole, version, level)
    selection = ShrinkingFilter(
        nuts_version=version,
        level=level,
        period=period,
        country=country,
        webb_type=webb,
        cause=cause,
        shrinking_class=rate,
        annual_change_pct=annual,
        moved=dials.read(store, demography.MOVABLE),
        **more,
    )
    every = state.ask(store, demography.regions, selection)
    counted.write(demography.left(every, selection).options)
    return selection


def _types(counted: Counted, column: str, key: str, label: str, **more: Any) -> tuple[str, ...]:
    return counted.choose(label, categories(DEMOGRAPHY_MEASURES, column), key, column, **more)


def _boundaries(store: Store) -> tuple[int, int]:
    """Draw the choice of vintage and level; levels are those that figures are known for."""
    versions = state.ask(store, demography.vintages)
    labels = {version: f"NUTS {version}" for version in versions}
    given = address.stated("nuts")
    codes = {str(version): version for version in versions}
    if taken := address.taken(given, lambda: list(labels.values()), versions, codes):
        st.session_state["nuts"] = list(taken.values())[-1]
    chosen = st.segmented_control(
        _("Boundaries"),
        versions,
        default=None if "nuts" in st.session_state else versions[0],
        format_func=lambda one: labels[one],
        key="nuts",
        bind="query-params",
        required=True,
    )
    version = versions[0] if chosen is None else chosen
    allowed = _("Outlines are known of {names}.").format(names=", ".join(labels.values()))
    address.told(_("Boundaries"), "nuts", given, version, [labels[version], str(version)], allowed)
    known = state.ask(store, demography.levels, version)
    if not known:
        address.say(_("No figures are known of NUTS {vintage} here.").format(vintage=version))
    names = {level: name for level, name in state.LEVELS.items() if level in known}
    level = state.select(
        _("Level"),
        names or {3: state.LEVELS[3]},
        "level",
        help=_("NUTS 3 are the smallest regions; listed are levels with figures."),
    )
    return version, level


def _more(
    store: Store, counted: Counted, whole: pd.DataFrame, version: int, level: int
) -> dict[str, Any]:
    """Draw the filters that are folded away; return the parts of the selection."""
    shapes = [c for c in categories(DEMOGRAPHY_MEASURES, "shape_class") if c != "not shrinking"]
    ages = dictionary.field(store, "region_demography", "ageing_class").allowed
    parts: dict[str, Any] = {
        "duration_class": _types(counted, "duration_class", "duration", _("Duration of decline")),
        "shape": counted.choose(_("Shape of decline"), shapes, "shape", "shape"),
        "ageing_class": counted.choose(_("Age class"), ages, "ageing", "ageing_class"),
        "median_age": _range(_("Median age, years"), whole["median_age"], "age", 0.5),
        "gdp_pct_of_eu": _range(_("GDP per head, % of the EU"), whole["gdp_pct_of_eu"], "gdp", 1.0),
        "watch_min": address.slider(
            _("Criteria of the watch list met, at least"),
            "watch",
            0,
            4,
            0,
            help=_(
                "Shrinks, is aged, is poor, is remote; a criterion that is not known counts as "
                "not met."
            ),
        ),
    }
    if level >= 2:
        parts["cohesion_category"] = _types(
            counted,
            "cohesion_category",
            "cohesion",
            _("Cohesion category (computed)"),
            help=_("Computed from GDP per head of the NUTS-2 region, not the official list."),
        )
    return parts | _official(counted, version, level)


def _official(counted: Counted, version: int, level: int) -> dict[str, Any]:
    """Draw the filters by types that the smallest regions alone have, most of NUTS 2021 alone."""
    if level != 3:
        st.caption(_("Official types exist for level 3 only."))
        return {}
    columns = {"urban_rural": _("Urban-rural type")}
    if version == 2021:
        columns |= {
            "remoteness": _("Remoteness"),
            "access_to_city": _("Access to a city"),
            "metropolitan": _("Metropolitan region"),
        }
    parts = {
        column: counted.choose(label, categories(PANEL_MEASURES, column), column, column)
        for column, label in columns.items()
    }
    if version == 2021:
        parts["desert_class"] = counted.choose(
            _("Service deserts"), CLASSES["desert"], "desert_class", "desert_class"
        )
    return parts

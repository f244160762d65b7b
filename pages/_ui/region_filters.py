"""The widgets that make a ``RegionFilter``; each value stands in the address bar."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import address, dials, region_places, state
from pages._ui.facet_counts import Counted
from pages._ui.measures import DEMOGRAPHY_MEASURES, PANEL_MEASURES, categories
from pages._ui.shrinking_profile import WEBB
from pages._ui.texts import N_, _
from pipelines.serve import dictionary, region_panel
from pipelines.serve.crossing_filter import CLASSES
from pipelines.serve.filters import RegionFilter
from pipelines.serve.store import Store

MINUTES = [0, 15, 30, 45, 60, 90, 120, 180, 3500]
DENSITIES = [0, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 30000]
#: Sliders over figures: column, label and step, by key of the address.
SLIDERS: dict[str, tuple[str, str, int | float]] = {
    "change": ("change_pct", N_("Population change, %"), 1),
    "annual": ("annual_change_pct", N_("Annual change, %"), 0.1),
    "age": ("median_age", N_("Median age, years"), 0.5),
    "gdp": ("gdp_pct_of_eu", N_("GDP per head, % of the EU"), 1.0),
}
_TYPES = {
    "mountain": N_("Mountain"),
    "coastal": N_("Coast"),
    "border": N_("Border"),
    "island": N_("Island"),
}
Bounds = dict[str, tuple[float, float]]


def bounds(store: Store) -> Bounds:
    """Return the ends of each slider over figures.

    A larger region lies between its parts: one range serves all levels, and a slider whose
    ends moved with the level would refuse the value that stands in the address.
    """
    return state.ask(store, _bounds)


def _bounds(store: Store) -> Bounds:
    every = region_panel.frame(store, 3)
    ends = {}
    for key, (column, _label, step) in SLIDERS.items():
        known = every[column].dropna()
        low, high = (math.floor(known.min()), math.ceil(known.max())) if len(known) else (0, 1)
        ends[key] = (low, high) if isinstance(step, int) else (float(low), float(high))
    return ends


def read_filter(store: Store, level: int) -> RegionFilter:
    """Draw the filter with the number of regions that each option leaves; return the selection."""
    counted = Counted(store)
    parts: dict[str, Any] = {"level": level, "countries": state.countries(store)}
    ends = bounds(store)
    with st.expander(_("Trend and causes"), expanded=True):
        parts |= _trend(counted, ends)
    with st.expander(_("Remoteness, cities, services"), expanded=True):
        parts |= _reach(store, counted, level)
    with st.expander(_("Age, wealth, watch list")):
        parts |= _people(store, counted, ends, level)
    with st.expander(_("Urban-rural type, density, mountain, coast, border, island")):
        parts |= _land(counted, level)
    parts["moved"] = dials.read(store, region_panel.MOVABLE)
    selection = RegionFilter(**parts)
    counted.write(region_panel.left(store, selection).options)
    return selection


def _span(key: str, ends: Bounds) -> dict[str, float | None]:
    """Draw a slider over figures; an end that was not moved does not restrict."""
    _column, label, step = SLIDERS[key]
    low, high = ends[key]
    # An address may state the ends in either order.
    start, end = sorted(address.slider(_(label), key, low, high, (low, high), step))
    return {
        f"{key}_min": None if start == low else start,
        f"{key}_max": None if end == high else end,
    }


def _trend(counted: Counted, ends: Bounds) -> dict[str, Any]:
    causes = [c for c in categories(DEMOGRAPHY_MEASURES, "cause_class") if c != "not shrinking"]
    shapes = [c for c in categories(DEMOGRAPHY_MEASURES, "shape_class") if c != "not shrinking"]
    types = {name: categories(DEMOGRAPHY_MEASURES, name) for name in DEMOGRAPHY_MEASURES}
    trend = counted.choose(_("Trend"), categories(PANEL_MEASURES, "trend"), "trend", "trend")
    return {
        "trend": trend,
        **_span("annual", ends),
        **_span("change", ends),
        "webb_type": counted.choose(
            _("Webb's type"),
            types["webb_type"],
            "webb",
            "webb_type",
            format_func=lambda code: _(WEBB[code]),
        ),
        "cause": counted.choose(_("Cause of shrinking"), causes, "cause", "cause"),
        "shrinking_class": counted.choose(
            _("Rate class"), types["shrinking_class"], "rate", "shrinking_class"
        ),
        "duration_class": counted.choose(
            _("Duration of decline"), types["duration_class"], "duration", "duration_class"
        ),
        "shape": counted.choose(_("Shape of decline"), shapes, "shape", "shape"),
    }


def _reach(store: Store, counted: Counted, level: int) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    if level == 3:
        parts["remoteness"] = _own(counted, "remoteness", _("Remoteness"))
        parts["access_to_city"] = _own(counted, "access_to_city", _("Access to a city"))
        parts["metropolitan"] = _own(counted, "metropolitan", _("Metropolitan region"))
    else:
        st.caption(_("Official types exist for level 3 only."))
    parts["minutes_min"], parts["minutes_max"] = state.open_range(
        _("Minutes to a city"), MINUTES, "city_minutes"
    )
    parts["desert_class"] = counted.choose(
        _("Service deserts"), CLASSES["desert"], "desert_class", "desert_class"
    )
    deserts = address.slider(
        _("Share of people in service deserts"),
        "deserts",
        0.0,
        1.0,
        (0.0, 1.0),
        0.05,
        format="percent",
    )
    least, most = min(deserts), max(deserts)
    places = region_places.choose()
    return parts | {
        "desert_min": least or None,
        "desert_max": None if most == 1.0 else most,
        "places_class": places,
        "nuts_ids": region_places.ids_of(store, level, places),
    }


def _people(store: Store, counted: Counted, ends: Bounds, level: int) -> dict[str, Any]:
    allowed = dictionary.field(store, "region_demography", "ageing_class").allowed
    parts: dict[str, Any] = {
        "ageing_class": counted.choose(_("Age class"), allowed, "ageing", "ageing_class"),
        **_span("age", ends),
        **_span("gdp", ends),
    }
    if level >= 2:
        parts["cohesion_category"] = counted.choose(
            _("Cohesion category (computed)"),
            categories(DEMOGRAPHY_MEASURES, "cohesion_category"),
            "cohesion",
            "cohesion_category",
            help=_("Computed from GDP per head of the NUTS-2 region, not the official list."),
        )
    least = address.slider(
        _("Criteria of the watch list met, at least"),
        "watch",
        0,
        4,
        0,
        help=_(
            "Shrinks, is aged, is poor, is remote; a criterion that is not known counts as not met."
        ),
    )
    return parts | {"watch_min": least or None}


def _land(counted: Counted, level: int) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    if level == 3:
        parts["urban_rural"] = _own(counted, "urban_rural", _("Urban-rural type"))
        parts |= {name: _own(counted, name, _(label)) for name, label in _TYPES.items()}
    else:
        st.caption(_("Official types exist for level 3 only."))
    parts["density_min"], parts["density_max"] = state.open_range(
        _("Density, people per km²"), DENSITIES, "density"
    )
    return parts


def _own(counted: Counted, column: str, label: str) -> tuple[str, ...]:
    """Draw the choice among the types of a column of ``regions``."""
    return counted.choose(label, categories(PANEL_MEASURES, column), column, column)


def values(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return ``nuts_id, value`` of every region of a frame, in map order."""
    return pd.DataFrame({"nuts_id": frame["nuts_id"], "value": frame[column]})

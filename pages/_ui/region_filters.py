"""The widgets that make a ``RegionFilter``; each value stands in the address bar."""

from __future__ import annotations

import math

import streamlit as st

from pages._ui import address, region_places, state
from pages._ui.measures import REGION_MEASURES, categories
from pages._ui.texts import N_, _
from pipelines.serve import queries
from pipelines.serve.filters import RegionFilter
from pipelines.serve.store import Store

MINUTES = [0, 15, 30, 45, 60, 90, 120, 180, 3500]
DENSITIES = [0, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 30000]
_MORE_TYPES = {
    "mountain": N_("Mountain"),
    "coastal": N_("Coast"),
    "border": N_("Border"),
    "island": N_("Island"),
}


def _types(column: str, label: str) -> tuple[str, ...]:
    return state.multiselect(label, categories(REGION_MEASURES, column), column)


def read_filter(store: Store, level: int) -> RegionFilter:
    """Draw the filter and return the selection."""
    countries = state.countries(store)
    trend = _types("trend", _("Trend"))
    types: dict[str, tuple[str, ...]] = {}
    if level == 3:
        types["urban_rural"] = _types("urban_rural", _("Urban-rural type"))
        with st.expander(_("Mountain, coast, border, island")):
            types |= {column: _types(column, _(label)) for column, label in _MORE_TYPES.items()}
        types["remoteness"] = _types("remoteness", _("Remoteness"))
    else:
        st.caption(_("Official types exist for level 3 only."))
    # A larger region lies between its parts: one range serves all levels, and a slider whose
    # ends moved with the level would refuse the value that stands in the address.
    values = state.ask(store, queries.region_values, 3, "change_pct")["value"].dropna()
    low, high = math.floor(values.min()), math.ceil(values.max())
    # An address may state the ends in either order.
    change = sorted(address.slider(_("Population change, %"), "change", low, high, (low, high)))
    thinnest, densest = state.open_range(_("Density, people per km²"), DENSITIES, "density")
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
    nearest, furthest = state.open_range(_("Minutes to a city"), MINUTES, "city_minutes")
    places = region_places.choose()
    return RegionFilter(
        level=level,
        countries=countries,
        trend=trend,
        change_min=None if change[0] == low else change[0],
        change_max=None if change[1] == high else change[1],
        density_min=thinnest,
        density_max=densest,
        desert_min=least or None,
        desert_max=None if most == 1.0 else most,
        minutes_min=nearest,
        minutes_max=furthest,
        places_class=places,
        nuts_ids=region_places.ids_of(store, level, places),
        **types,
    )

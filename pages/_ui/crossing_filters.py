"""The widgets that make a ``CrossingFilter``; each value stands in the address bar."""

from __future__ import annotations

import streamlit as st

from pages._ui import address, state
from pages._ui.texts import _
from pipelines.core.errors import InputError
from pipelines.serve.crossing_filter import CLASSES, DIMENSIONS, QUADRANTS, TRENDS, CrossingFilter
from pipelines.serve.store import Store
from pipelines.serve.thresholds import refuse_disorder, threshold_facts

#: Greatest value of each dial, and its step.
DIALS = {
    "trend_stable_annual_pct": (1.0, 0.05),
    "thin_desert_share": (1.0, 0.05),
    "thin_places_share": (1.0, 0.05),
    "thin_few_share": (0.5, 0.01),
    "remoteness_close_share": (1.0, 0.05),
}


def read_filter(store: Store, has_places: bool) -> CrossingFilter:
    """Draw the filter and return the selection; meeting places only where they are known."""
    known = [name for name in DIMENSIONS if has_places or name != "places"]
    level = state.level()
    by = state.select(
        _("Trend by"),
        {name: DIMENSIONS[name] for name in known},
        "cross",
        help=_("What the trend of the population is crossed with on the map."),
    )
    names = QUADRANTS[by]
    quadrant = state.multiselect(_("Quadrant"), names, "quadrant")
    country = state.countries(store)
    trend = state.multiselect(_("Trend"), TRENDS, "trend")
    classes = {
        f"{name}_class": state.multiselect(
            _(DIMENSIONS[name]).capitalize(), CLASSES[name], f"{name}_class"
        )
        for name in known
    }
    return CrossingFilter(
        level=level,
        by=by,
        quadrant=tuple(names.index(name) for name in quadrant),
        country=country,
        trend=trend,
        moved=_moved(store, has_places),
        **classes,
    )


def _moved(store: Store, has_places: bool) -> tuple[tuple[str, float], ...]:
    """Draw one dial a movable threshold and return those that were moved."""
    moved = []
    names = [name for name in DIALS if has_places or name != "thin_places_share"]
    facts = state.ask(store, threshold_facts, tuple(names))
    with st.expander(_("Move thresholds"), expanded=True):
        for name in names:
            row, (most, step) = facts[name], DIALS[name]
            is_share = row["unit"] == "share"
            value = address.slider(
                _(row["label"]) if is_share else f"{_(row['label'])} ({_(row['unit'])})",
                name,
                0.0,
                most,
                row["value"],
                step,
                format="percent" if is_share else "%.2f",
                help=f"{_(row['source'])}: {_(row['evidence'])}",
            )
            if value != row["value"]:
                moved.append((name, float(value)))
        try:
            refuse_disorder(store, moved)
        except InputError:
            st.warning(
                _(
                    "The share up to which people are served must be below the one above which "
                    "they are not; the published thresholds are shown."
                )
            )
            return ()
        if moved:
            st.caption(_("Moved thresholds change map, counts, lists and downloads at once."))
    return tuple(moved)

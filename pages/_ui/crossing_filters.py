"""The widgets that make a ``CrossingFilter``; each value stands in the address bar."""

from __future__ import annotations

from pages._ui import dials, state
from pages._ui.facet_counts import meaning
from pages._ui.texts import _, capital
from pipelines.serve import crossing
from pipelines.serve.crossing_filter import CLASSES, DIMENSIONS, QUADRANTS, TRENDS, CrossingFilter
from pipelines.serve.store import Store


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
    trend = state.multiselect(_("Trend"), TRENDS, "trend", help=meaning(store, "trend"))
    classes = {
        f"{name}_class": state.multiselect(
            capital(_(DIMENSIONS[name])),
            CLASSES[name],
            f"{name}_class",
            help=meaning(store, f"{name}_class"),
        )
        for name in known
    }
    return CrossingFilter(
        level=level,
        by=by,
        quadrant=tuple(names.index(name) for name in quadrant),
        country=country,
        trend=trend,
        moved=dials.read(
            store,
            [name for name in crossing.MOVABLE if has_places or name != "thin_places_share"],
            expanded=True,
        ),
        **classes,
    )

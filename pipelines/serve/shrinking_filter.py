"""A selection of regions by their demography, as data, and the SQL condition that means it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipelines.serve.facets import range_words
from pipelines.serve.filters import RANGE_FIELDS, _terms, in_words, moved_words
from pipelines.serve.texts import _

_LISTS = (
    "webb_type",
    "cause",
    "shrinking_class",
    "duration_class",
    "shape",
    "urban_rural",
    "ageing_class",
    "cohesion_category",
    "metropolitan",
    "remoteness",
    "access_to_city",
    "desert_class",
)
#: Those of ``_LISTS`` that another mart holds, by column; known of NUTS 2021 alone.
JOINED = {
    "metropolitan": "regions",
    "remoteness": "regions",
    "access_to_city": "regions",
    "desert_class": "region_crossing",
}

_RANGES = ("annual_change_pct", "median_age", "gdp_pct_of_eu")


@dataclass(frozen=True)
class ShrinkingFilter:
    """A selection of regions by their demography; empty tuples and None do not restrict.

    ``period`` is the first and the last 1 January of a chosen window; None takes each
    region's latest. ``moved`` holds names and values of thresholds. Ranges are inclusive.
    """

    nuts_version: int = 2021
    level: int = 3
    period: tuple[int, int] | None = None
    country: tuple[str, ...] = ()
    webb_type: tuple[str, ...] = ()
    cause: tuple[str, ...] = ()
    shrinking_class: tuple[str, ...] = ()
    duration_class: tuple[str, ...] = ()
    shape: tuple[str, ...] = ()
    urban_rural: tuple[str, ...] = ()
    ageing_class: tuple[str, ...] = ()
    cohesion_category: tuple[str, ...] = ()
    metropolitan: tuple[str, ...] = ()
    remoteness: tuple[str, ...] = ()
    access_to_city: tuple[str, ...] = ()
    desert_class: tuple[str, ...] = ()
    annual_change_pct: tuple[float | None, float | None] = (None, None)
    median_age: tuple[float | None, float | None] = (None, None)
    gdp_pct_of_eu: tuple[float | None, float | None] = (None, None)
    watch_min: int = 0
    moved: tuple[tuple[str, float], ...] = ()

    @property
    def lists(self) -> dict[str, tuple[str, ...]]:
        """Allowed values by column; an empty tuple does not restrict."""
        return {name: getattr(self, name) for name in ("country", *_LISTS)}

    @property
    def ranges(self) -> dict[str, tuple[float | None, float | None]]:
        """Inclusive bounds by column; None is open."""
        bounds: dict[str, tuple[float | None, float | None]] = {
            name: getattr(self, name) for name in _RANGES
        }
        return bounds | {"watch_count": (self.watch_min or None, None)}

    def condition(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition on the columns of the mart and of ``JOINED``, its parameters."""
        terms, values = _terms(self.lists, self.ranges)
        return " and ".join(terms) or "true", values

    def words(self) -> str:
        """Return the selection in words, for titles and downloads."""
        parts = [f"NUTS {self.nuts_version}", _("level {n}").format(n=self.level)]
        parts.append(
            _("period: {first} to {last}").format(first=self.period[0], last=self.period[1])
            if self.period
            else _("period: each region's latest window")
        )
        parts += [in_words(name, values) for name, values in self.lists.items() if values]
        parts += [range_words(_(RANGE_FIELDS[name]), ends) for name, ends in self.ranges.items()]
        return "; ".join([*filter(None, parts), *moved_words(self.moved)])

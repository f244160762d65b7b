"""A selection of regions by their demography, as data, and the SQL condition that means it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipelines.serve.filters import _terms, in_words
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
)
_RANGES = ("annual_change_pct", "median_age", "gdp_pct_of_eu")
_REMOTE = "nuts_id in (select nuts_id from marts.regions where remoteness in (select unnest($remoteness)))"  # noqa: E501


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
    remoteness: tuple[str, ...] = ()
    annual_change_pct: tuple[float | None, float | None] = (None, None)
    median_age: tuple[float | None, float | None] = (None, None)
    gdp_pct_of_eu: tuple[float | None, float | None] = (None, None)
    watch_min: int = 0
    moved: tuple[tuple[str, float], ...] = ()

    def condition(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition on columns of the mart, and its parameters."""
        lists = {name: getattr(self, name) for name in ("country", *_LISTS)}
        terms, values = _terms(lists, {name: getattr(self, name) for name in _RANGES})
        if self.watch_min:
            terms.append("watch_count >= $watch_min")
            values["watch_min"] = self.watch_min
        if self.remoteness:
            terms.append(_REMOTE)
            values["remoteness"] = list(self.remoteness)
        return " and ".join(terms) or "true", values

    def words(self) -> str:
        """Return the selection in words, for titles and downloads."""
        parts = [f"NUTS {self.nuts_version}", _("level {n}").format(n=self.level)]
        parts.append(
            _("period: {first} to {last}").format(first=self.period[0], last=self.period[1])
            if self.period
            else _("period: each region's latest window")
        )
        for name in ("country", *_LISTS, "remoteness"):
            if value := getattr(self, name):
                parts.append(in_words(name, value))
        for name in _RANGES:
            low, high = getattr(self, name)
            if low is not None:
                parts.append(_("{column} from {low}").format(column=name, low=low))
            if high is not None:
                parts.append(_("{column} to {high}").format(column=name, high=high))
        if self.watch_min:
            parts.append(_("criteria of the watch list: {n} or more").format(n=self.watch_min))
        parts += [
            _("threshold {name} moved to {value}").format(name=name, value=value)
            for name, value in self.moved
        ]
        return "; ".join(parts)

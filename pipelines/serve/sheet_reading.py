"""How a sheet is read: which figures come first, ranks in words, and one scale for the strips.

The page and paper show a sheet alike because both ask here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from pipelines.serve.sheet_parts import QUANTILES, Distribution, Figure, PlaceSheet
from pipelines.serve.texts import _, ngettext

#: The figures that come first, by section and column; the first six that are known.
_FIRST = (
    ("who", "population_end"),
    ("trend", "change_pct"),
    ("trend", "natural_change_per_1000"),
    ("trend", "net_migration_per_1000"),
    ("age", "median_age"),
    ("who", "population"),
    ("remoteness", "minutes_to_city"),
    ("remoteness", "minutes_to_large_city"),
    ("type", "towns_near"),
    ("type", "hinterland_people"),
)
_MOST_FIRST = 6
_SPREAD = 30.0  # times its least value: drawn by logarithm


def first_figures(sheet: PlaceSheet) -> list[Figure]:
    """Return the figures that stand above all sections."""
    figures = {(s.name, f.column): f for s, f in sheet.figures() if f.value is not None}
    if sheet.place.kind == "town":  # what is told of its region stands below, and says so
        figures = {key: f for key, f in figures.items() if key[0] != "trend"}
    return [figures[key] for key in _FIRST if key in figures][:_MOST_FIRST]


def how_to_read() -> str:
    """Say what the bars beside a figure mean."""
    return _(
        "How to read the bars: the pale one holds the middle 80 % of the places compared, the dark "
        "one the middle half, the notch is the middle place, ◆ the country or the EU as a whole; "
        "the orange line is this place. Rank 1 is the highest value."
    )


def split(written: str) -> tuple[str, str]:
    """Return a written figure as its number, with a sign of per cent, and its unit."""
    match = re.fullmatch(r"([+-]?\d+(?:[.,\u00a0\u202f\u2019]\d+)*(?:\s?%)?)\s*(.*)", written)
    return (match[1], match[2]) if match else (written, "")


def typical(part: Distribution) -> float:
    """Return a group's own figure where it is known, else that of its middle place."""
    return part.median if part.value is None else part.value


def rank(part: Distribution) -> str:
    """Return where the place stands in a group, as in ``3 of 401``."""
    if part.rank is None:
        return ngettext("{n} place", "{n} places", part.count).format(n=f"{part.count:,}")
    if part.tied:
        return _("{rank}-{last} of {n}").format(
            rank=f"{part.rank:,}", last=f"{part.rank + part.tied:,}", n=f"{part.count:,}"
        )
    return _("{rank} of {n}").format(rank=f"{part.rank:,}", n=f"{part.count:,}")


class Scale:
    """From values to shares of a bar's length; by logarithm where they spread wide."""

    def __init__(self, parts: Sequence[Distribution], mine: float | None) -> None:
        near, far = QUANTILES.index(0.05), QUANTILES.index(0.95)
        values = [part.quantiles[i] for part in parts for i in (near, far)]
        values += [part.value for part in parts if part.value is not None]
        values += [] if mine is None else [mine]
        low, high = min(values), max(values)
        self.is_log = low > 0 and high > _SPREAD * low
        self.low, self.high = self._of(low), self._of(high)

    def _of(self, value: float) -> float:
        return math.log10(max(value, 1e-9)) if self.is_log else value

    def at(self, value: float) -> float:
        """Return where a value stands, 0.01 to 0.99."""
        span = self.high - self.low
        share = (self._of(value) - self.low) / span if span > 0 else 0.5
        return 0.01 + 0.98 * min(max(share, 0.0), 1.0)

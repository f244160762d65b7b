"""Boxes of longitude and latitude, read from the seed ``areas``: one for all readers."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.core import paths
from pipelines.core.errors import SourceUnreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A box in degrees (EPSG:4326), its edges included."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
        """Tell which points lie in the box; a NaN does not.

        >>> Area(west=0, south=0, east=2, north=2).holds([1, 3], [1, 1]).tolist()
        [True, False]
        """
        x, y = np.asarray(lon), np.asarray(lat)
        return (self.west <= x) & (x <= self.east) & (self.south <= y) & (y <= self.north)

    def words(self) -> str:
        """Return the box as a message names it."""
        return (
            f"longitude {self.west:g} to {self.east:g}, latitude {self.south:g} to {self.north:g}"
        )


@cache
def area(name: str) -> Area:
    """Return a box of ``sql/seeds/areas.csv``.

    Raises
    ------
    SourceUnreadable
        The seed has no such row, or a side of it is no number.
    """
    path = paths.sql_dir() / "seeds" / "areas.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = {row["name"]: row for row in csv.DictReader(stream)}
    try:
        sides = {side: float(rows[name][side]) for side in ("west", "south", "east", "north")}
    except (KeyError, ValueError) as error:
        raise SourceUnreadable(f"{path.name}: no sound row {name!r} ({error})") from error
    return Area(**sides)

"""Minutes on foot and by bicycle over short ways, from straight distances.

Where no routing engine tells the way, a detour factor stands for it: the straight distance,
longer by the usual way round, at a steady speed. Hills and missing paths are not in it. The
factor holds for ways of up to half an hour's walk (docs/travel-time.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.core.thresholds import Constants
from pipelines.geo.nearest import SettlementTree

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WalkConstants(Constants):
    """Speeds (km/h), detour (ratio) and the minutes beyond which nothing is said."""

    speed_kmh: float
    cycle_speed_kmh: float
    detour: float
    most_min: float

    @classmethod
    def prefix(cls) -> str:
        """Return ``walk_``."""
        return "walk_"

    def on_foot(self, km: ArrayLike) -> Floats:
        """Return minutes on foot over straight distances (km); infinite beyond the most.

        Examples
        --------
        >>> c = WalkConstants(speed_kmh=4.8, cycle_speed_kmh=15, detour=1.3, most_min=30)
        >>> c.on_foot([0.8, 2.0]).round(6).tolist()
        [13.0, inf]
        """
        return self._bounded(km, self.speed_kmh)

    def by_bicycle(self, km: ArrayLike) -> Floats:
        """Return minutes by bicycle over straight distances (km); infinite beyond the most."""
        return self._bounded(km, self.cycle_speed_kmh)

    def _bounded(self, km: ArrayLike, speed_kmh: float) -> Floats:
        minutes = 60 * self.detour * np.asarray(km, float) / speed_kmh
        return np.where(minutes <= self.most_min, minutes, np.inf)


def nearest_km(lon: Floats, lat: Floats, to_lon: Floats, to_lat: Floats) -> Floats:
    """Return the straight distance (km) of each point to the nearest of several others.

    Degrees, EPSG:4326; infinite where there are none.
    """
    if not len(to_lon):
        return np.full(len(lon), np.inf)
    _, km = SettlementTree(to_lon, to_lat).nearest(lon, lat)
    return km

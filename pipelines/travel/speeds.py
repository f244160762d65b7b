"""How long a link takes: its length, what it climbs, and what both ends of a trip cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pipelines.travel.constants import TravelConstants

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Terrain:
    """Elevation of the settlements.

    Attributes
    ----------
    elevation : ndarray, shape (n,)
        Metres; unknown ones take the mean of their neighbours, 0 where none is known.
    """

    elevation: Floats

    @classmethod
    def of(cls, xyz: Floats, elevation_m: Floats, constants: TravelConstants) -> Terrain:
        """Fill in elevations that are NaN from those of the nearest settlements."""
        elevation = elevation_m.copy()
        unknown = np.flatnonzero(np.isnan(elevation))
        if len(unknown):
            k = max(min(int(constants.elevation_neighbours), len(xyz)), 1)
            _, near = cKDTree(xyz).query(xyz[unknown], k=[*range(1, k + 1)])
            around = elevation_m[near]
            known = ~np.isnan(around)
            total = np.where(known, around, 0.0).sum(axis=1)
            elevation[unknown] = total / np.maximum(known.sum(axis=1), 1)
        return cls(elevation)


def capped_climb(rise_m: Floats, length_km: Floats, c: TravelConstants) -> Floats:
    """Metres of climb or descent, no steeper than a road is built."""
    return np.minimum(np.abs(rise_m), length_km * 10 * c.grade_cap_pct)


def link_minutes(length_km: Floats, rise_m: Floats, c: TravelConstants) -> Floats:
    """Minutes by local roads between neighbours.

    Parameters
    ----------
    length_km : ndarray, shape (m,)
        Great-circle length.
    rise_m : ndarray, shape (m,)
        Difference of elevation of the two ends. Serpentines and slow bends go with
        the height that is overcome, in either direction, not with the relief around.
    c : TravelConstants
    """
    climb = capped_climb(rise_m, length_km, c)
    return (
        c.link_min
        + 60 * length_km * c.detour / c.speed_local_kmh
        + c.climb_min_per_100m * climb / 100
    )


def terminal_minutes(population: Floats, c: TravelConstants) -> Floats:
    """Minutes at both ends of a trip to a place: out of one's own, in, and parking.

    They grow with each tenfold of the people of the place entered, from
    ``terminal_population`` up. NaN counts as a small place.
    """
    people = np.maximum(np.nan_to_num(population, nan=0.0), c.terminal_population)
    tenfold: Floats = np.log10(people / c.terminal_population)
    return c.terminal_min + c.terminal_min_per_tenfold * tenfold


def access_minutes(distance_km: Floats, c: TravelConstants) -> Floats:
    """Minutes from a point to the settlement that it is snapped to."""
    return 60 * distance_km * c.access_detour / c.access_speed_kmh


def ferry_minutes(length_km: Floats, c: TravelConstants) -> Floats:
    """Minutes of a crossing that no seed documents: boarding and passage."""
    boarding = np.where(
        length_km <= c.ferry_short_km, c.ferry_short_boarding_min, c.ferry_boarding_min
    )
    return boarding + 60 * length_km / c.ferry_speed_kmh

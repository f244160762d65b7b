"""How long a link takes: length, detour, terrain and the weight of the places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pipelines.travel.constants import TravelConstants

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Terrain:
    """Elevation and local roughness at the settlements.

    Attributes
    ----------
    tree : cKDTree
        Over the settlements' positions on the sphere (km).
    elevation : ndarray, shape (n,)
        Metres; unknown ones take the median of their neighbours.
    roughness : ndarray, shape (n,)
        Standard deviation of the neighbours' elevations, metres.
    """

    tree: cKDTree
    elevation: Floats
    roughness: Floats

    @classmethod
    def of(cls, xyz: Floats, elevation_m: Floats, constants: TravelConstants) -> Terrain:
        """Measure the terrain from settlements' elevations (NaN where unknown)."""
        tree = cKDTree(xyz)
        k = min(int(constants.roughness_neighbours), len(xyz))
        _, near = tree.query(xyz, k=max(k, 1), workers=-1)
        around = elevation_m[near.reshape(len(xyz), -1)]
        known = ~np.isnan(around)
        count = np.maximum(known.sum(axis=1), 1)
        filled = np.where(known, around, 0.0)
        mean = filled.sum(axis=1) / count
        spread = np.where(known, (around - mean[:, None]) ** 2, 0.0).sum(axis=1) / count
        elevation = np.where(np.isnan(elevation_m), mean, elevation_m)
        return cls(tree, elevation, np.minimum(np.sqrt(spread), constants.roughness_cap_m))

    def along(self, start: Floats, end: Floats, length_km: Floats, every_km: float) -> Floats:
        """Mean roughness along straight lines, sampled at the nearest settlements.

        A long link passes country that neither of its ends shows: Milan and
        Zürich lie in the plain, the Alps between them.
        """
        steps = np.maximum(np.ceil(length_km / every_km).astype(np.int64), 1) + 1
        line = np.repeat(np.arange(len(steps)), steps)
        first = np.cumsum(steps) - steps
        t = (np.arange(len(line)) - first[line]) / (steps[line] - 1)
        points = start[line] + (end - start)[line] * t[:, None]
        _, near = self.tree.query(points, workers=-1)
        mean: Floats = np.bincount(line, self.roughness[near], len(steps)) / steps
        return mean


def main_road_share(weight_population: Floats, length_km: Floats, c: TravelConstants) -> Floats:
    """How far a link is a main road (0 local, 1 main), by its places and its length.

    Large places are joined by larger roads; a short link has no room for them,
    so the share climbs with length.
    """
    low, high = np.log10(c.weight_low_population), np.log10(c.weight_high_population)
    weight = (np.log10(np.maximum(weight_population, 1.0)) - low) / (high - low)
    weight = np.clip(weight, 0.0, 1.0) ** c.weight_exponent
    room = 1.0 - np.exp(-length_km / c.ramp_km)
    share: Floats = weight * room
    return share


def link_minutes(
    length_km: Floats,
    weight_population: Floats,
    roughness_m: Floats,
    rise_m: Floats,
    is_mountain: NDArray[np.bool_],
    c: TravelConstants,
) -> Floats:
    """Minutes by car along links.

    Parameters
    ----------
    length_km : ndarray, shape (m,)
        Great-circle length.
    weight_population : ndarray, shape (m,)
        Population of the smaller of the two places.
    roughness_m : ndarray, shape (m,)
        Roughness along the link, see :class:`Terrain`.
    rise_m : ndarray, shape (m,)
        Difference of elevation of the two ends.
    is_mountain : ndarray of bool, shape (m,)
        Whether both ends lie in regions officially classed as mountainous.
    c : TravelConstants
    """
    main = main_road_share(weight_population, length_km, c)
    # Main roads have cuttings, viaducts and tunnels: they feel less of the terrain.
    felt = roughness_m / 100 * (1 - c.main_relief_share * main)
    road_km = length_km * c.detour * (1 + c.roughness_detour_per_100m * felt)
    grade = np.abs(rise_m) / np.maximum(length_km, 0.1) / 10.0  # metres per km -> per cent
    slow = (
        (1 + c.roughness_slowdown_per_100m * felt)
        * (1 + c.grade_slowdown_per_pct * np.minimum(grade, c.grade_cap_pct))
        * np.where(is_mountain, 1 + c.mountain_slowdown, 1.0)
    )
    speed = c.speed_local_kmh + (c.speed_main_kmh - c.speed_local_kmh) * main
    return c.time_factor * (c.link_min + 60 * road_km * slow / speed)


def access_minutes(distance_km: Floats, c: TravelConstants) -> Floats:
    """Minutes from a point to the settlement that it is snapped to."""
    return c.time_factor * 60 * distance_km * c.access_detour / c.access_speed_kmh


def ferry_minutes(length_km: Floats, c: TravelConstants) -> Floats:
    """Minutes of a crossing that no seed documents: boarding and passage."""
    boarding = np.where(
        length_km <= c.ferry_short_km, c.ferry_short_boarding_min, c.ferry_boarding_min
    )
    return boarding + 60 * length_km / c.ferry_speed_kmh

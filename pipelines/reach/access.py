"""Supply under competition: floating catchments and gravity, from travel-time pairs.

A pair says that an origin reaches a site in so many minutes. In all measures a
site's capacity is first shared among the people who reach it, weighted by
their time, and then summed at each origin with the same weights, so that
Σ population · score = Σ capacity over the sites with demand.

References
----------
Luo & Wang, Environment and Planning B 30(6), 2003, doi 10.1068/b29120 (2SFCA).
Luo & Qi, Health & Place 15(4), 2009, doi 10.1016/j.healthplace.2009.06.002 (E2SFCA).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.core.thresholds import Constants

Floats = NDArray[np.float64]
Weight = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class ReachConstants(Constants):
    """Limits and weights of the reach measures (units in the seed)."""

    near_min: float
    middle_min: float
    far_min: float
    nearest_count: float
    fca_limit_min: float
    e2sfca_step1_min: float
    e2sfca_step2_min: float
    e2sfca_step3_min: float
    e2sfca_weight1: float
    e2sfca_weight2: float
    e2sfca_weight3: float
    gaussian_sigma_min: float
    gravity_scale_min: float
    gravity_exponent: float
    gravity_least_min: float

    @classmethod
    def prefix(cls) -> str:
        """Return ``reach_``."""
        return "reach_"

    def weights(self) -> dict[str, Weight]:
        """Return the weight functions of the four supply measures."""
        steps = (self.e2sfca_step1_min, self.e2sfca_step2_min, self.e2sfca_step3_min)
        values = (self.e2sfca_weight1, self.e2sfca_weight2, self.e2sfca_weight3)
        return {
            "2sfca": lambda t: step_weight(t, (self.fca_limit_min,), (1.0,)),
            "e2sfca": lambda t: step_weight(t, steps, values),
            "gaussian": lambda t: gaussian_weight(t, self.gaussian_sigma_min),
            "gravity": lambda t: gravity_weight(
                t, self.gravity_scale_min, self.gravity_exponent, self.gravity_least_min
            ),
        }


def step_weight(minutes: Floats, ends: tuple[float, ...], values: tuple[float, ...]) -> Floats:
    """Weight by steps, each closed at its end; 0 beyond the last.

    >>> step_weight(np.array([0.0, 10.0, 10.1, 30.0, 30.1]), (10, 20, 30), (1, 0.68, 0.22))
    array([1.  , 1.  , 0.68, 0.22, 0.  ])
    """
    weight = np.zeros(np.shape(minutes))
    for end, value in sorted(zip(ends, values, strict=True), reverse=True):
        weight[minutes <= end] = value
    return weight


def gaussian_weight(minutes: Floats, sigma: float) -> Floats:
    """``exp(−t² / 2σ²)``: 1 at no distance, not normalised."""
    return np.exp(-(minutes**2) / (2 * sigma**2))


def gravity_weight(minutes: Floats, scale: float, exponent: float, least: float) -> Floats:
    """``(max(t, least) / scale) ^ exponent``; the exponent is negative."""
    return (np.maximum(minutes, least) / scale) ** exponent


def shared_supply(
    origin: NDArray[np.integer],
    site: NDArray[np.integer],
    weight: Floats,
    population: Floats,
    capacity: Floats,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Share each site's capacity among those who reach it.

    Parameters
    ----------
    origin, site : ndarray, shape (p,)
        Positions in ``population`` and ``capacity``; all pairs of each site must be there.
    weight : ndarray, shape (p,)
        Weight of the pair's time; 0 means out of reach.
    population : ndarray, shape (n,)
    capacity : ndarray, shape (m,)

    Returns
    -------
    score : ndarray, shape (n,)
        Capacity per person; 0 where nothing is reached.
    has_demand : ndarray of bool, shape (m,)
        Sites that someone reaches. The others' capacity is in no score.
    """
    counts = np.flatnonzero(weight)
    if len(counts) < len(weight):
        origin, site, weight = origin[counts], site[counts], weight[counts]
    demand = np.bincount(site, population[origin] * weight, len(capacity))
    has_demand = demand > 0
    ratio = np.divide(capacity, demand, out=np.zeros(len(capacity)), where=has_demand)
    # With weights numbers are counted, whatever numpy's own types say.
    score = np.bincount(origin, ratio[site] * weight, len(population)).astype(float, copy=False)
    return score, has_demand


def _renumbered(positions: NDArray[Any], size: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Distinct positions below ``size`` in order, and each position's place among them."""
    seen = np.zeros(size, dtype=bool)
    seen[positions] = True
    distinct = np.flatnonzero(seen)
    place = np.empty(size, dtype=np.int64)
    place[distinct] = np.arange(len(distinct))
    return distinct, place[positions]


class Tally:
    """Collects the reach measures of all origins from blocks of pairs.

    Parameters
    ----------
    population : ndarray, shape (n,)
        People at each origin; unknown counts as none.
    capacity : ndarray, shape (m,)
        Capacity of each site.
    constants : ReachConstants
    """

    def __init__(self, population: Floats, capacity: Floats, constants: ReachConstants) -> None:
        n, m, k = len(population), len(capacity), int(constants.nearest_count)
        self.population = np.nan_to_num(population)
        self.capacity = capacity
        self.constants = constants
        self.weights = constants.weights()
        self.limits = (constants.near_min, constants.middle_min, constants.far_min)
        self.within = np.zeros((len(self.limits), n), dtype=np.int64)
        self.scores = {name: np.zeros(n) for name in self.weights}
        self.has_demand = {name: np.zeros(m, dtype=bool) for name in self.weights}
        self.nearest_min = np.full((n, k), np.inf)
        self.nearest_site = np.full((n, k), -1, dtype=np.int64)

    def add(self, origin: NDArray[Any], site: NDArray[Any], minutes: Floats) -> None:
        """Add pairs within the far limit; all pairs of a site must come in one call."""
        far = minutes <= self.limits[-1]
        if not far.all():
            origin, site, minutes = origin[far], site[far], minutes[far]
        if not len(origin):
            return
        # Numbered anew within the block, so that a call costs what the block is large.
        origins, origin = _renumbered(origin, len(self.population))
        sites, site = _renumbered(site, len(self.capacity))
        population, capacity = self.population[origins], self.capacity[sites]
        for row, limit in enumerate(self.limits):
            near = origin[minutes <= limit]
            self.within[row, origins] += np.bincount(near, minlength=len(origins))
        for name, weigh in self.weights.items():
            score, reached = shared_supply(origin, site, weigh(minutes), population, capacity)
            self.scores[name][origins] += score
            self.has_demand[name][sites] = reached

    def keep_nearest(self, origin: NDArray[Any], site: NDArray[Any], minutes: Floats) -> None:
        """Merge pairs into each origin's nearest sites; ties go to the site listed first."""
        k = self.nearest_min.shape[1]
        touched = np.unique(origin)
        known = self.nearest_site[touched] >= 0
        origin = np.concatenate([origin, np.repeat(touched, known.sum(axis=1))])
        minutes = np.concatenate([minutes, self.nearest_min[touched][known]])
        site = np.concatenate([site, self.nearest_site[touched][known]])
        order = np.lexsort((site, minutes, origin))
        origin, site, minutes = origin[order], site[order], minutes[order]
        first = np.flatnonzero(np.r_[True, origin[1:] != origin[:-1]])
        rank = np.arange(len(origin)) - np.repeat(first, np.diff(np.r_[first, len(origin)]))
        keep = rank < k
        self.nearest_min[origin[keep], rank[keep]] = minutes[keep]
        self.nearest_site[origin[keep], rank[keep]] = site[keep]

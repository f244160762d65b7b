"""Towns like one: distances in the space of indicators, and what makes two towns differ.

Three measures (Gower 1971; Mahalanobis with a shrunk covariance; mean gap of ranks, as in
RegioViz). All are symmetric, 0 from a town to itself, and do not change with units.
Resemblance is descriptive: it is no evidence that what worked in one town works in another.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from pipelines.core.thresholds import Constants

Floats = NDArray[np.float64]
METHODS = ("gower", "mahalanobis", "ranks")
UNKNOWN = -1
# Ranges, ranks and covariances of fewer known values than this say nothing.
FEWEST = 3


@dataclass(frozen=True)
class Settings(Constants):
    """Choices of the comparison, read from the seed of thresholds.

    ``winsor_low`` and ``winsor_high`` are the quantiles that bound each number,
    ``shrinkage`` the share of the covariance's diagonal, ``alike`` the share of a range
    within which two numbers count as shared, ``least_known`` the share of the weight that
    both towns must know, ``least_shared`` the share of what is known of a town that must be
    known of another, ``class_weight`` and ``population_weight`` what a class and the
    population count where other numbers count 1, ``far_quantile`` the quantile of distances
    to the nearest town
    beyond which nothing is close.
    """

    winsor_low: float
    winsor_high: float
    shrinkage: float
    alike: float
    least_known: float
    far_quantile: float
    least_shared: float = 0.0
    class_weight: float = 1.0
    population_weight: float = 1.0

    @classmethod
    def prefix(cls) -> str:
        """Return ``lookalike_``."""
        return "lookalike_"


@dataclass(frozen=True)
class Space:
    """Prepared columns of n towns: numbers first, classes after.

    Attributes
    ----------
    names
        Names of the p numbers, then of the q classes.
    scaled
        Numbers clipped to their quantiles and divided by the range between these,
        float32 of shape (p, n); NaN where unknown.
    codes
        Classes as integers, shape (q, n); -1 where unknown.
    ranks
        Ranks of the numbers divided by their number of known values, shape (p, n).
    white
        Numbers whitened by the shrunk covariance, shape (n, p); NaN rows where one is unknown.
    """

    names: tuple[str, ...]
    scaled: NDArray[np.float32]
    codes: NDArray[np.int16]
    ranks: NDArray[np.float32]
    white: NDArray[np.float32]
    settings: Settings

    @property
    def numbers(self) -> int:
        """How many of the columns are numbers."""
        return len(self.scaled)


def winsorised(values: Floats, low: float, high: float) -> Floats:
    """Clip a column to two of its quantiles and scale it to 0..1; a constant one gives 0.

    Parameters
    ----------
    values
        Shape (n,), NaN where unknown.
    """
    known = values[np.isfinite(values)]
    if len(known) < FEWEST:
        return np.full(len(values), np.nan)
    bottom, top = np.quantile(known, [low, high])
    span = top - bottom
    scaled: Floats = (np.clip(values, bottom, top) - bottom) / (span if span > 0 else 1.0)
    return scaled


def _whitened(numbers: Floats, shrinkage: float) -> Floats:
    """Return rows whose Euclidean distance is the Mahalanobis distance; NaN if incomplete."""
    complete = np.isfinite(numbers).all(axis=1)
    if complete.sum() <= numbers.shape[1] + 1:
        return np.full(numbers.shape, np.nan)
    deviation = np.nanstd(numbers, axis=0)
    z = (numbers - np.nanmean(numbers, axis=0)) / np.where(deviation > 0, deviation, 1.0)
    covariance = np.cov(z[complete], rowvar=False).reshape(z.shape[1], z.shape[1])
    covariance = (1 - shrinkage) * covariance + shrinkage * np.diag(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance)
    # A pseudo-inverse: directions in which nothing varies do not count.
    inverse = np.where(values > values.max() * 1e-10, 1 / np.sqrt(np.maximum(values, 1e-300)), 0.0)
    white: Floats = z @ (vectors * inverse)
    return white


def prepare(
    numbers: Mapping[str, Floats],
    classes: Mapping[str, Sequence[str | None]],
    settings: Settings,
    whole: Collection[str] = (),
) -> Space:
    """Prepare the columns of all towns once.

    Parameters
    ----------
    numbers
        Columns of shape (n,), NaN where unknown; logarithms are the caller's choice.
    classes
        Columns of length n, None where unknown.
    whole
        Numbers that keep their whole range, for instance logarithms; the others are clipped
        to the quantiles of the settings.
    """
    table = np.column_stack([np.asarray(v, dtype=float) for v in numbers.values()])
    bounds = (settings.winsor_low, settings.winsor_high)
    scaled = [
        winsorised(column, *((0.0, 1.0) if name in whole else bounds))
        for name, column in zip(numbers, table.T, strict=True)
    ]
    ranks = [_rank_shares(c) for c in table.T]
    codes = [_codes(v) for v in classes.values()]
    return Space(
        names=(*numbers, *classes),
        scaled=np.array(scaled, dtype=np.float32),
        codes=np.array(codes, dtype=np.int16).reshape(len(codes), len(table)),
        ranks=np.array(ranks, dtype=np.float32),
        white=_whitened(table, settings.shrinkage).astype(np.float32),
        settings=settings,
    )


def _rank_shares(values: Floats) -> Floats:
    known = np.isfinite(values)
    result = np.full(len(values), np.nan)
    if known.any():
        result[known] = rankdata(values[known]) / known.sum()
    return result


def _codes(values: Sequence[str | None]) -> NDArray[np.int16]:
    """Return classes as integers in the order in which they occur, ``UNKNOWN`` for None."""
    codes: NDArray[np.int16] = pd.factorize(np.array(values, dtype=object))[0].astype(np.int16)
    return codes


def _checked(space: Space, weights: Mapping[str, float] | None) -> Floats:
    given = dict.fromkeys(space.names, 1.0) | dict(weights or {})
    if unknown := set(given) - set(space.names):
        raise ValueError(f"weights for {sorted(unknown)}; allowed are {list(space.names)}")
    result = np.array([given[n] for n in space.names], dtype=float)
    if not np.isfinite(result).all() or (result < 0).any() or not result.any():
        raise ValueError("weights must be numbers from 0, and one of them above 0")
    return result


def _parts(space: Space, numbers: NDArray[np.float32], i: int) -> NDArray[np.float32]:
    """Return the difference to town i in each column, 0..1, NaN where unknown; (p + q, n)."""
    classes = (space.codes != space.codes[:, [i]]).astype(np.float32)
    classes[(space.codes == UNKNOWN) | (space.codes[:, [i]] == UNKNOWN)] = np.nan
    return np.concatenate([np.abs(numbers - numbers[:, [i]]), classes])


def _averaged(parts: NDArray[np.float32], weights: Floats, least_known: float) -> Floats:
    weight = weights.astype(np.float32)
    known = ~np.isnan(parts)
    total = weight @ known
    with np.errstate(invalid="ignore", divide="ignore"):
        result = (weight @ np.nan_to_num(parts)) / total
    result[total < least_known * weight.sum()] = np.nan
    return result.astype(float)


def distances(
    space: Space, i: int, method: str = "gower", weights: Mapping[str, float] | None = None
) -> Floats:
    """Return the distance of every town to town i, shape (n,).

    Parameters
    ----------
    method
        ``gower``: weighted mean of differences, 0 to 1, over what both towns know.
        ``ranks``: the same with gaps of ranks as shares of all towns. ``mahalanobis``:
        of the numbers alone, complete cases only, without weights.

    Returns
    -------
    ndarray
        NaN where too little is known to compare.
    """
    weighted = _checked(space, weights)
    if method == "mahalanobis":
        apart: Floats = np.linalg.norm(space.white - space.white[i], axis=1).astype(float)
        return apart
    if method not in METHODS:
        raise ValueError(f"method is '{method}', allowed are {METHODS}")
    numbers = space.scaled if method == "gower" else space.ranks
    return _averaged(_parts(space, numbers, i), weighted, space.settings.least_known)


def shared_knowledge(
    space: Space, i: int, weights: Mapping[str, float] | None = None
) -> NDArray[np.float64]:
    """Return how much of what town i knows each other town knows too, by weight, shape (n,).

    A distance over few columns is small by chance: a town of which little is known would
    stand before others that differ in what is not known of it.
    """
    weighted = _checked(space, weights)
    known = np.concatenate([~np.isnan(space.scaled), space.codes != UNKNOWN])
    mine = weighted * known[:, i]
    share = (mine @ known) / mine.sum() if mine.sum() else np.zeros(known.shape[1])
    return np.asarray(share, dtype=float)


def nearest(
    distance: Floats, i: int, allowed: NDArray[np.bool_] | None, k: int
) -> NDArray[np.int64]:
    """Return the k towns nearest to town i, itself left out; ties by position."""
    usable = np.isfinite(distance)
    usable[i] = False
    if allowed is not None:
        usable &= allowed
    candidates = np.flatnonzero(usable)
    if len(candidates) > k:
        bound = np.partition(distance[candidates], k - 1)[k - 1]
        candidates = candidates[distance[candidates] <= bound]
    return candidates[np.argsort(distance[candidates], kind="stable")][:k]


def compare(
    space: Space, i: int, j: int, weights: Mapping[str, float] | None = None, most: int = 3
) -> tuple[list[str], list[str]]:
    """Return what two towns share, and what separates them most.

    Returns
    -------
    shared
        Columns in which they hardly differ, the weightiest first.
    separating
        At most ``most`` columns with the largest weighted difference, however small; columns
        without any difference are never among them.
    """
    weighted = _checked(space, weights)
    pair = Space(
        space.names,
        space.scaled[:, [i, j]],
        space.codes[:, [i, j]],
        space.ranks[:, [i, j]],
        space.white[[i, j]],
        space.settings,
    )
    parts = _parts(pair, pair.scaled, 0)[:, 1]
    used = [c for c in range(len(parts)) if np.isfinite(parts[c]) and weighted[c] > 0]
    apart = sorted((c for c in used if parts[c] > 0), key=lambda c: -weighted[c] * parts[c])[:most]
    shared = [c for c in used if parts[c] <= space.settings.alike and c not in apart]
    shared.sort(key=lambda c: -weighted[c])
    return [space.names[c] for c in shared], [space.names[c] for c in apart]


def usual_nearest(
    space: Space,
    method: str = "gower",
    weights: Mapping[str, float] | None = None,
    sample: int = 100,
) -> float:
    """Return the distance to the nearest town beyond which nothing is close.

    It is the quantile ``far_quantile`` over an even sample of all towns: measuring every
    town against every other would take minutes and give the same to two digits.
    """
    n = space.scaled.shape[1]
    nearest_distances = []
    for i in np.unique(np.linspace(0, n - 1, min(n, sample)).astype(int)):
        away = distances(space, int(i), method, weights)
        away[i] = np.nan
        if np.isfinite(away).any():
            nearest_distances.append(np.nanmin(away))
    return (
        float(np.quantile(nearest_distances, space.settings.far_quantile))
        if nearest_distances
        else float("nan")
    )

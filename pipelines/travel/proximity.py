"""Proximity graphs: Delaunay neighbours, pruned to those with nothing between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay, cKDTree

Pairs = NDArray[np.int64]  # shape (m, 2), smaller index first


def unique_pairs(pairs: Pairs) -> Pairs:
    """Sort each pair and drop repetitions and loops."""
    pairs = np.sort(np.asarray(pairs, dtype=np.int64).reshape(-1, 2), axis=1)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    if not len(pairs):
        return pairs
    span = int(pairs.max()) + 1
    keys = np.unique(pairs[:, 0] * span + pairs[:, 1])
    return np.column_stack([keys // span, keys % span])


def delaunay(xy: NDArray[np.float64]) -> tuple[Pairs, Pairs]:
    """Delaunay neighbours of points in the plane.

    Returns
    -------
    pairs : ndarray, shape (m, 2)
    opposite : ndarray, shape (m, 2)
        The third corner of the one or two triangles at each pair; −1 at the hull.
        Points that coincide with another are joined to it, without opposites.
    """
    if len(xy) < 4:
        index = np.arange(len(xy))
        pairs = unique_pairs(np.array([(a, b) for a in index for b in index if a < b]))
        return pairs, np.full((len(pairs), 2), -1, dtype=np.int64)
    # "Qz" and a centred frame keep Qhull exact on projected coordinates.
    mesh = Delaunay(xy - xy.mean(axis=0))
    corner = mesh.simplices.astype(np.int64)
    sides = np.concatenate([corner[:, [0, 1]], corner[:, [1, 2]], corner[:, [2, 0]]])
    third = np.concatenate([corner[:, 2], corner[:, 0], corner[:, 1]])
    sides.sort(axis=1)
    order = np.lexsort((sides[:, 1], sides[:, 0]))
    sides, third = sides[order], third[order]
    first = np.ones(len(sides), dtype=bool)
    first[1:] = (sides[1:] != sides[:-1]).any(axis=1)
    number = np.cumsum(first) - 1
    opposite = np.full((number[-1] + 1, 2), -1, dtype=np.int64)
    opposite[number[first], 0] = third[first]
    opposite[number[~first], 1] = third[~first]
    pairs = sides[first]
    if len(mesh.coplanar):
        twins = unique_pairs(mesh.coplanar[:, [0, 2]])
        pairs = np.concatenate([pairs, twins])
        opposite = np.concatenate([opposite, np.full((len(twins), 2), -1, dtype=np.int64)])
    return pairs, opposite


def gabriel(
    xy: NDArray[np.float64], pairs: Pairs, opposite: Pairs, usable: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Tell which usable Delaunay pairs belong to the Gabriel graph.

    A pair is dropped when a third place lies inside the circle over it, for
    then the way leads through that place. On Delaunay pairs it is enough to
    look at the opposite corners (Matula and Sokal 1980). A corner across water
    is no way through, so it only counts when both links to it are usable.
    """
    span = len(xy)
    key = pairs[:, 0] * span + pairs[:, 1]
    order = np.argsort(key)
    sorted_key, sorted_usable = key[order], usable[order]

    def is_usable(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
        pair_key = np.minimum(a, b) * span + np.maximum(a, b)
        position = np.minimum(np.searchsorted(sorted_key, pair_key), len(sorted_key) - 1)
        usable_there: NDArray[np.bool_] = (sorted_key[position] == pair_key) & sorted_usable[
            position
        ]
        return usable_there

    keep = usable.copy()
    a, b = pairs.T
    for side in (0, 1):
        c = opposite[:, side]
        there = np.flatnonzero(c >= 0)
        i, j, k = a[there], b[there], c[there]
        inside = ((xy[i] - xy[k]) * (xy[j] - xy[k])).sum(axis=1) < 0
        blocked = inside & is_usable(i, k) & is_usable(j, k)
        keep[there[blocked]] = False
    return keep


def nearest_pairs(xyz: NDArray[np.float64], sources: NDArray[np.int64], k: int) -> Pairs:
    """Pair each point of ``sources`` with its ``k`` nearest points of all."""
    if not len(sources) or len(xyz) < 2:
        return np.empty((0, 2), dtype=np.int64)
    k = min(k + 1, len(xyz))
    _, near = cKDTree(xyz).query(xyz[sources], k=k)
    return unique_pairs(np.column_stack([np.repeat(sources, k), near.ravel()]))

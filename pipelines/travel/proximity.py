"""Proximity graphs: Delaunay neighbours and nearest places."""

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


def delaunay(xy: NDArray[np.float64]) -> Pairs:
    """Delaunay neighbours of points in the plane; points that coincide are joined."""
    if len(xy) < 4:
        index = np.arange(len(xy))
        return unique_pairs(np.array([(a, b) for a in index for b in index if a < b]))
    # "Qz" and a centred frame keep Qhull exact on projected coordinates.
    mesh = Delaunay(xy - xy.mean(axis=0))
    corner = mesh.simplices.astype(np.int64)
    sides = np.concatenate([corner[:, [0, 1]], corner[:, [1, 2]], corner[:, [2, 0]]])
    return unique_pairs(np.concatenate([sides, mesh.coplanar[:, [0, 2]].astype(np.int64)]))


def nearest_pairs(xyz: NDArray[np.float64], sources: NDArray[np.int64], k: int) -> Pairs:
    """Pair each point of ``sources`` with its ``k`` nearest points of all."""
    if not len(sources) or len(xyz) < 2:
        return np.empty((0, 2), dtype=np.int64)
    k = min(k + 1, len(xyz))
    _, near = cKDTree(xyz).query(xyz[sources], k=k)
    return unique_pairs(np.column_stack([np.repeat(sources, k), near.ravel()]))

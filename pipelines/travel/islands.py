"""Join the parts that dry links leave apart: round a bay, or by ferry."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from pipelines.geo.sphere import arc_km
from pipelines.travel.constants import TravelConstants
from pipelines.travel.crossings import FERRY, SHORE, Links
from pipelines.travel.proximity import Pairs, nearest_pairs, unique_pairs
from pipelines.travel.speeds import ferry_minutes


def parts_of(links: Links, n: int) -> NDArray[np.int64]:
    """Number of the connected part of each of ``n`` places."""
    graph = coo_array((np.ones(len(links)), (links.a, links.b)), shape=(n, n))
    part: NDArray[np.int64] = connected_components(graph, directed=False)[1]
    return part


def _cheapest_joins(
    part: NDArray[np.int64], pairs: Pairs, cost: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Pairs (by position) that join parts at the least total cost: Kruskal's forest."""
    p, q = part[pairs[:, 0]], part[pairs[:, 1]]
    apart = np.flatnonzero(p != q)
    if not len(apart):
        return apart
    low, high = np.minimum(p, q)[apart], np.maximum(p, q)[apart]
    order = np.lexsort((cost[apart], high, low))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (low[order][1:] != low[order][:-1]) | (high[order][1:] != high[order][:-1])
    best = apart[order[first]]
    n = int(part.max()) + 1
    size = (low[order][first], high[order][first])
    # The position is carried as the weight's rank, so that the forest can be read back.
    rank = np.empty(len(best))
    rank[np.argsort(cost[best], kind="stable")] = np.arange(1, len(best) + 1)
    forest = minimum_spanning_tree(coo_array((rank, size), shape=(n, n)).tocsr())
    return best[np.isin(rank, forest.data)]


def join_islands(
    xyz: NDArray[np.float64],
    landmass: NDArray[np.int64],
    links: Links,
    blocked: Pairs,
    is_open: Callable[[Pairs], NDArray[np.bool_]],
    roads: Callable[[Pairs], Links],
    c: TravelConstants,
) -> Links:
    """Add what it takes to reach every place.

    Parts are joined in three rounds, each by the cheapest pairs: dry links to
    the nearest places; along the shore where both stand on one landmass (by
    road round the bay or by a short ferry, whichever is quicker); by ferry.

    Parameters
    ----------
    xyz : ndarray, shape (n, 3)
    landmass : ndarray, shape (n,)
    links : Links
        Roads and documented crossings.
    blocked : ndarray, shape (m, 2)
        Delaunay neighbours that no dry link joins.
    is_open, roads : callable
        Test and timing of a road link.
    c : TravelConstants
    """
    n = len(xyz)
    part = parts_of(links, n)
    main = np.bincount(part).argmax()
    near = nearest_pairs(xyz, np.flatnonzero(part != main), int(c.nearest_links))
    near = near[part[near[:, 0]] != part[near[:, 1]]]
    dry = near[is_open(near)] if len(near) else near
    if len(dry):
        timed = roads(dry)
        pick = _cheapest_joins(part, dry, timed.minutes)
        links = Links.join([links, timed.take(pick)])
        part = parts_of(links, n)

    pairs = unique_pairs(np.concatenate([near, blocked]))
    length = arc_km(xyz, pairs[:, 0], pairs[:, 1])
    ferry = ferry_minutes(length, c)
    same = landmass[pairs[:, 0]] == landmass[pairs[:, 1]]
    same &= landmass[pairs[:, 0]] >= 0
    shore = np.full(len(pairs), np.inf)
    shore[same] = roads(pairs[same]).minutes * c.shore_detour
    for chosen, minutes in ((same, np.minimum(ferry, shore)), (length <= c.ferry_max_km, ferry)):
        candidates = np.flatnonzero(chosen)
        pick = candidates[_cheapest_joins(part, pairs[candidates], minutes[candidates])]
        kind = np.where(minutes[pick] < ferry[pick], SHORE, FERRY).astype(np.int8)
        added = Links(pairs[pick, 0], pairs[pick, 1], minutes[pick], kind)
        links = Links.join([links, added])
        part = parts_of(links, n)
    return links

"""Shortest paths on the settlement network: nearest, k nearest, bands, pairs.

All times are minutes; the graph is symmetric. A place that cannot be reached
has the time infinity and the target −1.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MOMENT = 1e-9  # stands for no time at all: zero would be read as "no link"


def with_targets(graph: csr_array, target_nodes: Ints, minutes: Floats) -> csr_array:
    """Append one node a target, with a one-way link to the node that it is snapped to.

    Parameters
    ----------
    graph : csr_array, shape (n, n)
    target_nodes : ndarray, shape (m,)
        Node of each target.
    minutes : ndarray, shape (m,)
        Access time of each target.

    Returns
    -------
    csr_array, shape (n + m, n + m)
        Target ``j`` is node ``n + j``. Nothing leads into it, so no way passes through one.
    """
    n, m = graph.shape[0], len(target_nodes)
    data = np.concatenate([graph.data, np.maximum(minutes, _MOMENT)])
    return csr_array(
        (
            data,
            np.concatenate([graph.indices, target_nodes.astype(graph.indices.dtype)]),
            np.concatenate([graph.indptr, graph.indptr[-1] + np.arange(1, m + 1)]),
        ),
        shape=(n + m, n + m),
    )


def nearest(
    graph: csr_array, target_nodes: Ints, minutes: Floats | None = None
) -> tuple[Floats, Ints]:
    """Time to the nearest of several targets, and which it is.

    Parameters
    ----------
    graph : csr_array, shape (n, n)
    target_nodes : ndarray, shape (m,)
        Node of each target.
    minutes : ndarray, shape (m,), optional
        Access time of each target; default 0.

    Returns
    -------
    minutes : ndarray, shape (n,)
    target : ndarray, shape (n,)
        Position in ``target_nodes``; −1 where none is reached.
    """
    n = graph.shape[0]
    if not len(target_nodes):
        return np.full(n, np.inf), np.full(n, -1, dtype=np.int64)
    if minutes is None:
        order = np.argsort(target_nodes, kind="stable")
        times, _, source = dijkstra(
            graph, indices=target_nodes[order], min_only=True, return_predecessors=True
        )
        first = np.full(n, -1, dtype=np.int64)
        first[target_nodes[order][::-1]] = order[::-1]  # of targets at one node, the first listed
        target = np.where(source >= 0, first[np.maximum(source, 0)], -1)
        return times, np.where(np.isfinite(times), target, -1)
    wide = with_targets(graph, target_nodes, minutes)
    times, _, source = dijkstra(
        wide, indices=np.arange(n, n + len(target_nodes)), min_only=True, return_predecessors=True
    )
    reached = np.isfinite(times[:n])
    return times[:n], np.where(reached, source[:n] - n, -1).astype(np.int64)


def k_nearest(
    graph: csr_array, target_nodes: Ints, minutes: Floats, k: int, limit: float = np.inf
) -> tuple[Floats, Ints]:
    """Times to the ``k`` nearest targets of every node, and which they are.

    One search a rank. A target that is the r-th nearest of a node is among the r
    nearest of every node on the way; so the search of rank r starts from the targets
    themselves and from each neighbour's lower ranks, as far as they are news there.

    Parameters
    ----------
    graph, target_nodes, minutes
        As in :func:`nearest`; the graph is symmetric.
    k : int
    limit : float
        Minutes beyond which nothing counts.

    Returns
    -------
    minutes : ndarray, shape (n, k)
        Ascending; infinity where there are fewer than ``k`` within ``limit``.
    target : ndarray, shape (n, k)
        Positions in ``target_nodes``, each once a node; −1 where there is none.
    """
    n = graph.shape[0]
    times = np.full((n, k), np.inf)
    which = np.full((n, k), -1, dtype=np.int64)
    edges = graph.tocoo()
    for rank in range(k):
        node, time, target = _starts(edges, target_nodes, minutes, times[:, :rank], which[:, :rank])
        if not len(node):
            break
        rank_times, _, source = dijkstra(
            with_targets(graph, node, time),
            indices=np.arange(n, n + len(node)),
            min_only=True,
            return_predecessors=True,
        )
        reached = np.flatnonzero(np.isfinite(rank_times[:n]))
        times[reached, rank] = rank_times[reached]
        which[reached, rank] = target[source[reached] - n]
        # At exactly equal times a known target may come back; the node's own start,
        # which is as near, then stands for it.
        again = np.flatnonzero(
            (which[:, rank] >= 0) & (which[:, :rank] == which[:, [rank]]).any(axis=1)
        )
        which[again, rank] = target[np.searchsorted(node, again)]
    times[times <= _MOMENT] = 0.0
    far = times > limit
    times[far], which[far] = np.inf, -1
    return times, which


def _starts(
    edges: coo_array, target_nodes: Ints, minutes: Floats, times: Floats, which: Ints
) -> tuple[Ints, Floats, Ints]:
    """Where the search of the next rank begins: nodes (ascending), times, targets.

    Each node's best among the targets at it and its neighbours' known ones, as far
    as the node does not know them yet.
    """
    nodes, costs, targets = [target_nodes], [minutes], [np.arange(len(target_nodes))]
    for rank in range(times.shape[1]):
        target = which[edges.row, rank]
        news = target >= 0
        for known in which.T:
            news &= target != known[edges.col]
        nodes.append(edges.col[news])
        costs.append(times[edges.row[news], rank] + edges.data[news])
        targets.append(target[news])
    node = np.concatenate(nodes).astype(np.int64)
    cost, target = np.concatenate(costs), np.concatenate(targets)
    fresh = ~(which[node] == target[:, None]).any(axis=1)
    node, cost, target = node[fresh], cost[fresh], target[fresh]
    # The least cost of each node, and of equal ones the target listed first.
    least = np.full(len(which), np.inf)
    np.minimum.at(least, node, cost)
    best = cost == least[node]
    first = np.full(len(which), len(target_nodes))
    np.minimum.at(first, node[best], target[best])
    begin = np.flatnonzero(first < len(target_nodes))
    return begin, least[begin], first[begin]


def from_one(graph: csr_array, node: int, access_min: float = 0.0, limit: float = np.inf) -> Floats:
    """Time of every node to one place, for bands around it; infinity beyond ``limit``."""
    minutes: Floats = dijkstra(graph, indices=node, limit=max(limit - access_min, 0.0))
    return minutes + access_min


def tiles(xy: Floats, members: Ints, size_km: float) -> Iterator[Ints]:
    """Split ``members`` into groups that lie in one square of ``size_km``."""
    if not len(members):
        return
    cell = np.floor(xy[members] / size_km).astype(np.int64)
    order = np.lexsort((cell[:, 1], cell[:, 0]))
    cell = cell[order]
    cut = np.flatnonzero((cell[1:] != cell[:-1]).any(axis=1)) + 1
    yield from np.split(members[order], cut)


def pairs_within(
    graph: csr_array,
    xy: Floats,
    sources: Ints,
    limit: float,
    fastest_km_per_min: float,
    *,
    tile_km: float = 120.0,
    most_cells: int = 4_000_000,
) -> Iterator[tuple[Ints, Ints, Floats]]:
    """All times of at most ``limit`` minutes from sources, tile by tile.

    The sources of one tile are searched on the part of the graph that they can
    reach at the greatest speed of any link, so the work grows with the number
    of sources and not with its product with the size of Europe.

    Parameters
    ----------
    graph : csr_array, shape (n, n)
    xy : ndarray, shape (n, 2)
        Positions, EPSG:3035 kilometres.
    sources : ndarray
        Distinct nodes.
    limit : float
        Minutes.
    fastest_km_per_min : float
        Greatest straight speed of any link, see :func:`fastest`.
    tile_km, most_cells
        Side of a tile; size of the dense block that is held at once.

    Yields
    ------
    sources : ndarray, shape (s,)
    nodes : ndarray, shape (v,)
    minutes : ndarray, shape (s, v)
        Infinity beyond ``limit``.
    """
    reach = limit * fastest_km_per_min
    by_x = np.argsort(xy[:, 0], kind="stable")
    ranked = xy[by_x, 0]
    for group in tiles(xy, sources, tile_km):
        low, high = xy[group].min(axis=0) - reach, xy[group].max(axis=0) + reach
        strip = by_x[np.searchsorted(ranked, low[0]) : np.searchsorted(ranked, high[0], "right")]
        nodes = np.sort(strip[(xy[strip, 1] >= low[1]) & (xy[strip, 1] <= high[1])])
        part = graph[nodes][:, nodes]
        step = max(1, most_cells // len(nodes))
        for first in range(0, len(group), step):
            some = group[first : first + step]
            yield some, nodes, dijkstra(part, indices=np.searchsorted(nodes, some), limit=limit)


def fastest(graph: csr_array, xy: Floats) -> float:
    """Greatest straight-line speed of any link in the plane ``xy``, km per minute."""
    links = graph.tocoo()
    if not links.nnz:
        return 0.0
    way = np.linalg.norm(xy[links.row] - xy[links.col], axis=1)
    # Places at one spot are a moment apart; their tiny distances say nothing about speed.
    return float((way / np.maximum(links.data, 0.05)).max())

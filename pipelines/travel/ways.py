"""Ways by main roads between neighbouring settlements.

The road layer is joined to the settlements by connectors. Seen from some of the
settlements, every vertex of the roads belongs to the one that is nearest by time; where
the territories of two meet there is a quickest way between them. Such pairs are the
dual of the network's Voronoi diagram (Erwig 2000, doi 10.1002/1097-0037). They are
taken from towns of several sizes, and from portals: settlements beside a good road,
from which one may travel on without having left it far.

A way is kilometres by class of road and no geometry, so its minutes follow the
thresholds, and ways derived beforehand do without the roads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from pipelines.geo.projection import to_plane
from pipelines.travel.constants import TravelConstants
from pipelines.travel.crossings import FERRY, MAIN_ROAD, Links, crosses_barrier
from pipelines.travel.land import Land
from pipelines.travel.roads import (
    CLASSES,
    FERRY_LINE,
    MAJOR,
    PLAIN,
    SECONDARY,
    RoadLayer,
)
from pipelines.travel.settlements import Settlements
from pipelines.travel.speeds import Terrain, capped_climb, ferry_minutes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: What a way consists of: kilometres by class, then the connectors at both ends.
PARTS = (*(f"km_{name}" for name in CLASSES), "access_km", "climb_m")
_ACCESS, _CLIMB = len(CLASSES), len(CLASSES) + 1
#: Side of the portals' cells in units of ``portal_cell_km``, and the class of road they need.
_PORTALS = ((1, PLAIN), (2, PLAIN), (4, SECONDARY), (8, MAJOR), (16, MAJOR))


@dataclass(frozen=True, slots=True)
class Connectors:
    """Joins of settlements to vertices of the roads, each array of shape (k,)."""

    settlement: Ints
    vertex: Ints
    km: Floats
    climb_m: Floats

    def minutes(self, c: TravelConstants) -> Floats:
        """Minutes from a settlement to the road, or back."""
        return c.connector_min + access_to_road(self.km, self.climb_m, c)


def access_to_road(km: Floats, climb_m: Floats, c: TravelConstants) -> Floats:
    """Minutes of the length and the climb of connectors, without their fixed time."""
    return (
        60 * km * c.detour / c.connector_speed_kmh + c.connector_climb_min_per_100m * climb_m / 100
    )


def connect(
    xy: Floats,
    elevation: Floats,
    layer: RoadLayer,
    is_open: Callable[[Floats, Floats], NDArray[np.bool_]],
    c: TravelConstants,
) -> Connectors:
    """Join settlements to their nearest vertices, and to the nearest of good roads.

    A vertex lies as high as the settlement next to it: valleys hold both. ``is_open``
    tells which straight lines (EPSG:3035, km) cross no water.
    """
    best = layer.best_class()
    land = np.flatnonzero(best < FERRY_LINE)
    good = np.flatnonzero(best <= SECONDARY)
    near = [
        _nearest_vertices(xy, layer.xy, land, int(c.connector_count), c.connector_max_km),
        _nearest_vertices(xy, layer.xy, good, int(c.connector_good_count), c.connector_good_max_km),
    ]
    settlement, vertex, km = (np.concatenate(part) for part in zip(*near, strict=True))
    _, first = np.unique(settlement * len(layer.xy) + vertex, return_index=True)
    first = first[is_open(xy[settlement[first]], layer.xy[vertex[first]])]
    settlement, vertex, km = settlement[first], vertex[first], km[first]
    height = elevation[cKDTree(xy).query(layer.xy)[1]]
    climb = capped_climb(elevation[settlement] - height[vertex], km, c)
    return Connectors(settlement, vertex, km, climb)


def _nearest_vertices(
    xy: Floats, vertices: Floats, among: Ints, count: int, within: float
) -> tuple[Ints, Ints, Floats]:
    count = min(count, len(among))
    if not count:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    ranks = [*range(1, count + 1)]
    km, near = cKDTree(vertices[among]).query(xy, k=ranks, distance_upper_bound=within)
    reached = np.isfinite(km)
    return np.nonzero(reached)[0], among[near[reached]], km[reached]


def portals(
    xy: Floats,
    joins: Connectors,
    best: NDArray[np.int8],
    cell_km: float,
    least: int,
    c: TravelConstants,
) -> Ints:
    """Return in each square cell the settlement that is soonest on a road of a class or better."""
    usable = best[joins.vertex] <= least
    soonest = np.full(len(xy), np.inf)
    np.minimum.at(soonest, joins.settlement[usable], joins.minutes(c)[usable])
    near = np.flatnonzero(soonest <= c.portal_max_min)
    cell = np.floor(xy[near] / cell_km).astype(np.int64)
    order = np.lexsort((near, soonest[near], cell[:, 1], cell[:, 0]))
    cell = cell[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (cell[1:] != cell[:-1]).any(axis=1)
    return near[order[first]]


def derive_ways(
    nodes: Settlements,
    layer: RoadLayer,
    land: Land,
    barriers: pa.Table,
    c: TravelConstants,
    *,
    small_places: bool,
) -> pa.Table:
    """Derive the ways between neighbouring settlements from the roads.

    Parameters
    ----------
    nodes : Settlements
    layer : RoadLayer
    land : Land
        Connectors stay on it.
    barriers : Table
        ``wkt``: lakes and division lines that no connector crosses.
    c : TravelConstants
    small_places : bool
        Take pairs of small places too. The embedded table goes without.

    Returns
    -------
    Table
        ``from_id, to_id`` (geonameid, the smaller first), ``km_major`` … ``km_ferry``,
        ``access_km`` and ``climb_m`` of the connectors (two each).
    """
    xy, _ = land.land_points(to_plane(nodes.lon, nodes.lat), c.landing_max_km)

    def is_open(start: Floats, end: Floats) -> NDArray[np.bool_]:
        dry = land.water_gap_km(start, end) <= c.water_gap_max_km
        return dry & ~crosses_barrier(barriers, start, end)

    terrain = Terrain.of(nodes.xyz, nodes.elevation_m, c)
    joins = connect(xy, terrain.elevation, layer, is_open, c)
    population = np.nan_to_num(nodes.population, nan=0.0)
    sizes = [c.ways_middle_population, c.ways_high_population]
    sizes = [c.ways_low_population, *sizes] if small_places else sizes
    starts = [np.flatnonzero(population >= least) for least in sizes]
    best = layer.best_class()
    starts += [
        portals(xy, joins, best, c.portal_cell_km * side, least, c) for side, least in _PORTALS
    ]
    search = _Search.of(layer, joins, len(nodes), c)
    sets = [search.pairs(start) for start in starts if len(start)]
    a, b, minutes = (
        np.concatenate(column) for column in zip(*(pairs[:3] for pairs in sets), strict=True)
    )
    parts = np.concatenate([pairs[3] for pairs in sets])
    pick = _quickest(a, b, minutes)
    low, high = nodes.geonameid[a[pick]], nodes.geonameid[b[pick]]
    columns = {"from_id": np.minimum(low, high), "to_id": np.maximum(low, high)}
    return pa.table(columns | dict(zip(PARTS, parts[pick].T, strict=True)))


def _quickest(a: Ints, b: Ints, minutes: Floats) -> Ints:
    """Positions of the quickest of each pair."""
    order = np.lexsort((minutes, b, a))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (a[order][1:] != a[order][:-1]) | (b[order][1:] != b[order][:-1])
    pick: Ints = order[first]
    return pick


@dataclass(frozen=True, slots=True)
class _Search:
    """The roads and the connectors as one directed graph: vertices first, then settlements.

    Connectors lead from a settlement to the road only, so no way passes through a place.
    """

    layer: RoadLayer
    joins: Connectors
    vertices: int
    graph: csr_array
    keys: Ints  # row * nodes + column of each link, ascending
    parts: Floats  # what each link consists of
    edge_minutes: Floats
    join_minutes: Floats

    @classmethod
    def of(cls, layer: RoadLayer, joins: Connectors, places: int, c: TravelConstants) -> _Search:
        v = len(layer.xy)
        n = v + places
        edge, join = _edge_minutes(layer, c), joins.minutes(c)
        m, k = len(edge), len(join)
        row = np.concatenate([layer.a, layer.b, joins.settlement + v])
        column = np.concatenate([layer.b, layer.a, joins.vertex])
        minutes = np.maximum(np.concatenate([edge, edge, join]), 1e-3)
        parts = np.zeros((2 * m + k, len(PARTS)))
        parts[np.arange(m), layer.code] = parts[m + np.arange(m), layer.code] = layer.km
        parts[2 * m :, _ACCESS], parts[2 * m :, _CLIMB] = joins.km, joins.climb_m
        pick = _quickest(row, column, minutes)
        row, column = row[pick], column[pick]
        graph = csr_array((minutes[pick], (row, column)), shape=(n, n))
        return cls(layer, joins, v, graph, row * n + column, parts[pick], edge, join)

    def pairs(self, starts: Ints) -> tuple[Ints, Ints, Floats, Floats]:
        """Neighbours among the settlements ``starts``: a < b, minutes, parts."""
        v = self.vertices
        minutes, previous, source = dijkstra(
            self.graph, indices=starts + v, min_only=True, return_predecessors=True
        )
        owner = np.where(np.isfinite(minutes[:v]), source[:v] - v, -1).astype(np.int64)
        a, b, total, u, w, link = self._meetings(owner, minutes[:v], starts)
        parts = self._parts_to_source(previous)
        low, high = np.minimum(a, b), np.maximum(a, b)
        pick = _quickest(low, high, total)
        whole = parts[u[pick]] + parts[w[pick]] + self.parts[np.searchsorted(self.keys, link[pick])]
        return low[pick], high[pick], total[pick], whole

    def _meetings(
        self, owner: Ints, minutes: Floats, starts: Ints
    ) -> tuple[Ints, Ints, Floats, Ints, Ints, Ints]:
        """Links whose ends belong to two settlements, with the way that leads over them."""
        layer, joins, v = self.layer, self.joins, self.vertices
        n = self.graph.shape[0]
        is_start = np.zeros(n - v, dtype=bool)
        is_start[starts] = True
        edge = (owner[layer.a] != owner[layer.b]) & (owner[layer.a] >= 0) & (owner[layer.b] >= 0)
        join = is_start[joins.settlement] & (owner[joins.vertex] >= 0)
        join &= owner[joins.vertex] != joins.settlement
        u = np.concatenate([layer.a[edge], joins.settlement[join] + v])
        w = np.concatenate([layer.b[edge], joins.vertex[join]])
        a = np.concatenate([owner[layer.a[edge]], joins.settlement[join]])
        time = np.concatenate(
            [
                minutes[layer.a[edge]] + self.edge_minutes[edge] + minutes[layer.b[edge]],
                self.join_minutes[join] + minutes[joins.vertex[join]],
            ]
        )
        return a, owner[w], time, u, w, u * n + w

    def _parts_to_source(self, previous: NDArray[np.int32]) -> Floats:
        """What the way from its settlement to each node consists of.

        Each round doubles how far back a node has been added up.
        """
        n = len(previous)
        back = np.where(previous >= 0, previous, np.arange(n)).astype(np.int64)
        parts = np.zeros((n, len(PARTS)))
        moved = np.flatnonzero(back != np.arange(n))
        parts[moved] = self.parts[np.searchsorted(self.keys, back[moved] * n + moved)]
        while len(moved):
            parts[moved] += parts[back[moved]]
            back[moved] = back[back[moved]]
            moved = moved[back[back[moved]] != back[moved]]
        return parts


def _edge_minutes(layer: RoadLayer, c: TravelConstants) -> Floats:
    """Minutes of the pieces; where a ferry meets a road half of its boarding counts."""
    minutes = 60 * layer.km / class_speeds(c)[layer.code]
    ashore = layer.best_class() < FERRY_LINE
    ferry = layer.code == FERRY_LINE
    minutes[ferry] += c.ferry_boarding_min / 2 * ashore[layer.a[ferry]]
    minutes[ferry] += c.ferry_boarding_min / 2 * ashore[layer.b[ferry]]
    return minutes


def class_speeds(c: TravelConstants) -> Floats:
    """Speed of each class of :data:`CLASSES`, km/h."""
    ashore = (c.speed_major_kmh, c.speed_secondary_kmh, c.speed_road_kmh, c.speed_unknown_kmh)
    return np.array([*ashore, c.ferry_speed_kmh])


def way_minutes(parts: Mapping[str, Floats], c: TravelConstants) -> Floats:
    """Minutes by car along ways; ``parts`` holds an array for each of :data:`PARTS`."""
    speeds = class_speeds(c)
    minutes = 2 * c.connector_min + access_to_road(parts["access_km"], parts["climb_m"], c)
    for code in range(FERRY_LINE):
        minutes = minutes + 60 * parts[f"km_{CLASSES[code]}"] / speeds[code]
    at_sea = parts[f"km_{CLASSES[FERRY_LINE]}"]
    return minutes + np.where(at_sea > 0, ferry_minutes(at_sea, c), 0.0)


def way_links(nodes: Settlements, ways: pa.Table, c: TravelConstants) -> Links:
    """Turn a table of ways into links; a way to an unknown settlement is left out."""
    order = np.argsort(nodes.geonameid)
    ranked = nodes.geonameid[order]

    def positions(name: str) -> tuple[Ints, NDArray[np.bool_]]:
        ids = ways[name].to_numpy(zero_copy_only=False).astype(np.int64)
        at = np.minimum(np.searchsorted(ranked, ids), len(ranked) - 1)
        return order[at], ranked[at] == ids

    (a, has_a), (b, has_b) = positions("from_id"), positions("to_id")
    parts = {name: ways[name].to_numpy(zero_copy_only=False).astype(float) for name in PARTS}
    minutes = way_minutes(parts, c)
    kind = np.where(parts["km_ferry"] > 0, FERRY, MAIN_ROAD).astype(np.int8)
    known = has_a & has_b
    return Links(a[known], b[known], minutes[known], kind[known])

"""Land and sea: which straight links are dry, and which places share a landmass.

The coast is generalised (1:10 million), so some settlements lie in its sea.
Such a place is landed on the nearest shore before a link is tested; one that
lies further out than the allowed distance is an island of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from pipelines.geo.projection import to_plane

Floats = NDArray[np.float64]
_INSET_KM = 0.05  # a landed point is put this far behind the shore, against rounding
_NEIGHBOUR_BUFFER_KM = 4.0  # the neighbours' coarser outlines leave slits along the border
_CELL_KM, _HALVINGS = 8.0, 4  # side of the cells that are wholly land; they are halved from 128 km
_SHORE_VERTICES = 64  # vertices of a piece of the coast


def _plane(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Project polygons from EPSG:4326 to the plane of :func:`to_plane` (km)."""
    return shapely.transform(geometries, lambda xy: to_plane(xy[:, 0], xy[:, 1]))


@dataclass(frozen=True, slots=True)
class Inland:
    """Square cells that lie wholly on one landmass: most tests of land and sea end here.

    Attributes
    ----------
    low : ndarray, shape (2,)
        South-western corner, EPSG:3035 kilometres.
    landmass : ndarray, shape (columns, rows)
        Which landmass holds the whole cell; −1 where none does.
    others : ndarray, shape (columns + 1, rows + 1)
        How many cells of −1 lie south-west of each corner.
    """

    low: Floats
    landmass: NDArray[np.int64]
    others: NDArray[np.int64]

    @classmethod
    def of(cls, landmasses: NDArray[np.object_]) -> Inland:
        """Halve cells that no landmass holds until they are small."""
        bounds = shapely.bounds(landmasses).reshape(-1, 4)
        if not len(bounds):
            none = np.full((1, 1), -1, dtype=np.int64)
            return cls(np.zeros(2), none, np.ones((2, 2), dtype=np.int64))
        low, side = bounds[:, :2].min(axis=0), _CELL_KM * 2**_HALVINGS
        shape = np.ceil((bounds[:, 2:].max(axis=0) - low) / side).astype(np.int64) + 1
        landmass = np.full(tuple(shape), -1, dtype=np.int64)
        cells = np.argwhere(landmass < 0)
        for halving in range(_HALVINGS + 1):
            corner = low + cells * side
            boxes = np.asarray(shapely.box(*corner.T, *(corner + side).T))
            of, inside = _contained(landmasses, boxes)
            landmass[tuple(cells[inside].T)] = of
            if halving < _HALVINGS:
                touched = np.unique(shapely.STRtree(boxes).query(landmasses, "intersects")[1])
                cells = 2 * np.repeat(cells[np.setdiff1d(touched, inside)], 4, axis=0)
                cells += np.tile([[0, 0], [0, 1], [1, 0], [1, 1]], (len(cells) // 4, 1))
                landmass = np.repeat(np.repeat(landmass, 2, axis=0), 2, axis=1)
                side /= 2
        others = np.zeros(tuple(np.array(landmass.shape) + 1), dtype=np.int64)
        others[1:, 1:] = np.cumsum(np.cumsum(landmass < 0, axis=0), axis=1)
        return cls(low, landmass, others)

    def landmass_of(self, xy: Floats) -> NDArray[np.int64]:
        """Landmass of points in whole cells; −1 for all others."""
        cell = np.floor((xy - self.low) / _CELL_KM).astype(np.int64)
        within = ((cell >= 0) & (cell < self.landmass.shape)).all(axis=1)
        landmass = np.full(len(xy), -1, dtype=np.int64)
        landmass[within] = self.landmass[tuple(cell[within].T)]
        return landmass

    def hold(self, start: Floats, end: Floats) -> NDArray[np.bool_]:
        """Tell which straight lines have whole cells of land only in the box around them."""
        first = np.floor((np.minimum(start, end) - self.low) / _CELL_KM).astype(np.int64)
        last = np.floor((np.maximum(start, end) - self.low) / _CELL_KM).astype(np.int64) + 1
        within = ((first >= 0) & (last <= self.landmass.shape)).all(axis=1)
        (x0, y0), (x1, y1) = first[within].T, last[within].T
        n = self.others
        held = np.zeros(len(start), dtype=bool)
        held[within] = n[x1, y1] - n[x0, y1] - n[x1, y0] + n[x0, y0] == 0
        return held


@dataclass(frozen=True, slots=True)
class Land:
    """Land polygons in EPSG:3035 kilometres.

    Attributes
    ----------
    coarse : ndarray of Polygon
        Whole landmasses, for the quick test.
    fine : ndarray of geometry
        Small pieces (NUTS-3 regions and neighbours), for the exact one.
    inland : Inland
        Where no test is needed.
    """

    coarse: NDArray[np.object_]
    fine: NDArray[np.object_]
    inland: Inland

    @classmethod
    def from_tables(
        cls, nuts: pa.Table, neighbours: pa.Table, lon_lat: Floats, least_per_1000km2: float
    ) -> Land:
        """Build the land from boundary tables.

        Parameters
        ----------
        nuts : Table with ``level`` (or ``levl_code``) and WKB ``geometry`` in EPSG:4326
        neighbours : Table with WKB ``geometry`` in EPSG:4326
            Land outside the NUTS area.
        lon_lat : ndarray, shape (n, 2)
            Settlements, EPSG:4326.
        least_per_1000km2 : float
            A neighbour with fewer known settlements is no land to travel: its
            roads are not in the network. Border places that the generalised
            outlines put on the wrong side do not make it one.
        """
        name = "level" if "level" in nuts.column_names else "levl_code"
        levels = nuts[name].to_numpy()
        wkb = np.array(nuts["geometry"].to_pylist(), dtype=object)[levels == levels.max()]
        known = shapely.make_valid(shapely.from_wkb(wkb))
        regions = _plane(known)
        outside = shapely.from_wkb(np.array(neighbours["geometry"].to_pylist(), dtype=object))
        outside = shapely.get_parts(shapely.make_valid(outside))
        tree = shapely.STRtree(outside)
        points = np.asarray(shapely.points(lon_lat))
        points = points[np.setdiff1d(np.arange(len(points)), _contained(known, points)[1])]
        held, count = np.unique(tree.query(points, predicate="within")[1], return_counts=True)
        pieces = _plane(outside[held])
        dense = count >= least_per_1000km2 * shapely.area(pieces) / 1000
        extra = shapely.buffer(pieces[dense], _NEIGHBOUR_BUFFER_KM, quad_segs=2)
        union = shapely.union_all(np.concatenate([regions, extra]))
        return cls.of(shapely.get_parts(union), np.concatenate([regions, extra]))

    @classmethod
    def of(cls, coarse: NDArray[np.object_], fine: NDArray[np.object_]) -> Land:
        """Take landmasses and their pieces, EPSG:3035 kilometres."""
        return cls(coarse, fine, Inland.of(coarse))

    def land_points(
        self, xy: NDArray[np.float64], max_km: float
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Put points that lie in the sea on the nearest shore.

        Returns
        -------
        xy : ndarray, shape (n, 2)
            Where each point stands for tests of land and sea.
        landmass : ndarray, shape (n,)
            Index into ``coarse``; −1 for a point further out than ``max_km``.
        """
        landmass = self.inland.landmass_of(xy)
        rest = np.flatnonzero(landmass < 0)
        points = np.asarray(shapely.points(xy[rest]))
        hit = _contained(self.coarse, points)
        landmass[rest[hit[1]]] = hit[0]
        landed = xy.copy()
        wet = np.flatnonzero(landmass[rest] < 0)
        if len(wet) and max_km > 0:
            shores, owner = _shores(self.coarse)
            near, shore = shapely.STRtree(shores).query_nearest(
                points[wet], max_distance=max_km, all_matches=False
            )
            index = rest[wet[near]]
            line = shapely.shortest_line(points[wet[near]], shores[shore])
            step = shapely.get_coordinates(line).reshape(-1, 2, 2)
            way = step[:, 1] - step[:, 0]
            length = np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
            landed[index] = step[:, 1] + way / length * _INSET_KM
            landmass[index] = owner[shore]
        return landed, landmass

    def water_gap_km(
        self, start: NDArray[np.float64], end: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Longest uninterrupted stretch of water on straight lines, in kilometres.

        Parameters
        ----------
        start, end : ndarray, shape (m, 2)
            EPSG:3035, kilometres.
        """
        gap = np.zeros(len(start))
        rest = np.flatnonzero(~self.inland.hold(start, end))
        lines = np.asarray(shapely.linestrings(np.stack([start[rest], end[rest]], axis=1)))
        whole = np.zeros(len(rest), dtype=bool)
        whole[_contained(self.coarse, lines)[1]] = True
        rest, lines = rest[~whole], lines[~whole]
        if len(rest):
            gap[rest] = self._gaps(lines, start[rest], end[rest])
        return gap

    def _gaps(self, lines: NDArray[np.object_], start: Floats, end: Floats) -> Floats:
        """Measure the gaps of lines that are not within one landmass."""
        tree = shapely.STRtree(self.fine)
        line, piece = tree.query(lines, predicate="intersects")
        parts, owner = shapely.get_parts(
            shapely.intersection(lines[line], self.fine[piece]), return_index=True
        )
        line = line[owner]
        keep = shapely.length(parts) > 0
        parts, line = parts[keep], line[keep]
        xy, of = shapely.get_coordinates(parts, return_index=True)
        way = end - start
        length = np.maximum(np.linalg.norm(way, axis=1), 1e-9)
        t = ((xy - start[line[of]]) * way[line[of]]).sum(axis=1) / length[line[of]] ** 2
        low = np.full(len(parts), np.inf)
        high = np.full(len(parts), -np.inf)
        np.minimum.at(low, of, t)
        np.maximum.at(high, of, t)
        gaps: Floats = _longest_gap(line, low, high, len(lines)) * length
        return gaps


def _shores(
    landmasses: NDArray[np.object_],
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Outlines in short pieces, so that the nearest is told by its box, and whose they are."""
    rings, owner = shapely.get_parts(shapely.boundary(landmasses), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    place = np.arange(len(xy)) - np.searchsorted(ring, ring)
    piece = np.cumsum(place % _SHORE_VERTICES == 0) - 1
    # Each piece goes on to the first vertex of the next one of its ring.
    shared = np.flatnonzero((place % _SHORE_VERTICES == 0) & (place > 0))
    order = np.argsort(np.concatenate([np.arange(len(xy)), shared - 0.5]), kind="stable")
    xy = np.concatenate([xy, xy[shared]])[order]
    of = np.concatenate([piece, piece[shared] - 1])[order]
    size = np.bincount(of)
    first = np.flatnonzero(place % _SHORE_VERTICES == 0)
    long = size[of] > 1  # a ring's last vertex alone repeats its first
    lines = shapely.linestrings(xy[long], indices=np.unique(of[long], return_inverse=True)[1])
    return np.asarray(lines), owner[ring[first[size > 1]]].astype(np.int64)


def _contained(polygons: NDArray[np.object_], geometries: NDArray[np.object_]) -> NDArray[np.int64]:
    """Pairs (polygon, geometry within it); the polygons are prepared, hence fast."""
    shapely.prepare(polygons)
    return shapely.STRtree(geometries).query(polygons, predicate="contains")


def _longest_gap(line: NDArray[np.int64], low: Floats, high: Floats, n: int) -> Floats:
    """Longest part of [0, 1] that intervals leave free, for each of ``n`` lines."""
    # An empty interval at both ends makes the gaps before the first and after the last count.
    line = np.concatenate([np.arange(n), line, np.arange(n)])
    low = np.concatenate([np.zeros(n), np.clip(low, 0, 1), np.ones(n)])
    high = np.concatenate([np.zeros(n), np.clip(high, 0, 1), np.ones(n)])
    order = np.lexsort((high, low, line))
    line, low, high = line[order], low[order], high[order]
    # Running maximum of the ends within each line: lines are kept apart by adding their number.
    reached = np.maximum.accumulate(high + 2.0 * line) - 2.0 * line
    gap = np.zeros(n)
    free = np.where(line[1:] == line[:-1], low[1:] - reached[:-1], 0.0)
    np.maximum.at(gap, line[1:], free)
    return gap

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


def _plane(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Project polygons from EPSG:4326 to the plane of :func:`to_plane` (km)."""
    return shapely.transform(geometries, lambda xy: to_plane(xy[:, 0], xy[:, 1]))


@dataclass(frozen=True, slots=True)
class Land:
    """Land polygons in EPSG:3035 kilometres.

    Attributes
    ----------
    coarse : ndarray of Polygon
        Whole landmasses, for the quick test.
    fine : ndarray of geometry
        Small pieces (NUTS-3 regions and neighbours), for the exact one.
    """

    coarse: NDArray[np.object_]
    fine: NDArray[np.object_]

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
        return cls(shapely.get_parts(union), np.concatenate([regions, extra]))

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
        points = np.asarray(shapely.points(xy))
        tree = shapely.STRtree(self.coarse)
        landmass = np.full(len(xy), -1, dtype=np.int64)
        hit = _contained(self.coarse, points)
        landmass[hit[1]] = hit[0]
        landed = xy.copy()
        wet = np.flatnonzero(landmass < 0)
        if len(wet):
            near = tree.query_nearest(points[wet], max_distance=max_km, all_matches=False)
            index, shore = wet[near[0]], near[1]
            line = shapely.shortest_line(points[index], self.coarse[shore])
            step = shapely.get_coordinates(line).reshape(-1, 2, 2)
            way = step[:, 1] - step[:, 0]
            length = np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
            landed[index] = step[:, 1] + way / length * _INSET_KM
            landmass[index] = shore
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
        lines = np.asarray(shapely.linestrings(np.stack([start, end], axis=1)))
        gap = np.full(len(lines), np.nan)
        gap[_contained(self.coarse, lines)[1]] = 0.0
        rest = np.flatnonzero(np.isnan(gap))
        if len(rest):
            gap[rest] = self._gaps(lines[rest], start[rest], end[rest])
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

"""The main roads as a graph: lines cut where they meet, with the class of each piece.

Natural Earth draws roads as lines that cross without a common vertex. They are
noded once, cut to pieces short enough for places to join them between junctions,
and vertices that lie together are made one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from pipelines.geo.projection import to_plane
from pipelines.travel.constants import TravelConstants
from pipelines.travel.crossings import crosses_barrier
from pipelines.travel.land import Land

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Classes of a piece of way; the position is the code, and a lower one is the better road.
CLASSES = ("major", "secondary", "road", "unknown", "ferry")
MAJOR, SECONDARY, PLAIN, UNKNOWN, FERRY_LINE = range(5)

#: The publisher's types. A winter road is none for most of the year.
TYPES = {
    "Major Highway": MAJOR,
    "Beltway": MAJOR,
    "Bypass": SECONDARY,
    "Secondary Highway": SECONDARY,
    "Road": PLAIN,
    "Track": UNKNOWN,
    "Unknown": UNKNOWN,
    "Ferry Route": FERRY_LINE,
    "Ferry": FERRY_LINE,
    "Ferry, seasonal": FERRY_LINE,
}


@dataclass(frozen=True, slots=True)
class RoadLayer:
    """Main roads and ferry lines as an undirected graph.

    Attributes
    ----------
    xy : ndarray, shape (v, 2)
        Vertices, EPSG:3035 kilometres.
    a, b : ndarray, shape (e,)
        Ends of each piece.
    km : ndarray, shape (e,)
        Length as drawn.
    code : ndarray, shape (e,)
        Position in :data:`CLASSES`.
    """

    xy: Floats
    a: Ints
    b: Ints
    km: Floats
    code: NDArray[np.int8]

    def best_class(self) -> NDArray[np.int8]:
        """Best class of the pieces at each vertex; ferry where there is no road."""
        best = np.full(len(self.xy), FERRY_LINE, dtype=np.int8)
        np.minimum.at(best, self.a, self.code)
        np.minimum.at(best, self.b, self.code)
        return best

    def take(self, pieces: NDArray[np.bool_]) -> RoadLayer:
        """Keep some pieces, and the vertices at their ends."""
        used, ends = np.unique(
            np.concatenate([self.a[pieces], self.b[pieces]]), return_inverse=True
        )
        m = int(pieces.sum())
        return RoadLayer(self.xy[used], ends[:m], ends[m:], self.km[pieces], self.code[pieces])


def node_roads(roads: pa.Table, c: TravelConstants) -> RoadLayer:
    """Node lines of roads.

    Parameters
    ----------
    roads : Table
        ``type`` (of :data:`TYPES`; others are left out) and WKB ``geometry`` in EPSG:4326.
    c : TravelConstants
        ``road_piece_km`` and ``road_merge_km``.
    """
    code = np.array([TYPES.get(t, -1) for t in roads["type"].to_pylist()], dtype=np.int8)
    wkb = np.array(roads["geometry"].to_pylist(), dtype=object)[code >= 0]
    code = code[code >= 0]
    lines = shapely.transform(shapely.from_wkb(wkb), lambda xy: to_plane(xy[:, 0], xy[:, 1]))
    lines, owner = shapely.get_parts(lines, return_index=True)
    code = code[owner]
    pieces = shapely.get_parts(shapely.node(shapely.multilinestrings(lines)))
    pieces = shapely.segmentize(pieces, c.road_piece_km)
    best = _class_of(pieces, lines, code, c.road_merge_km / 5)
    xy, of = shapely.get_coordinates(pieces, return_index=True)
    first = np.flatnonzero(of[:-1] == of[1:])
    return _merged(xy[first], xy[first + 1], best[of[first]], c.road_merge_km)


def _class_of(
    pieces: NDArray[np.object_], lines: NDArray[np.object_], code: NDArray[np.int8], within: float
) -> NDArray[np.int8]:
    """Best class of the lines that pass the middle of each piece."""
    middle = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    piece, line = shapely.STRtree(lines).query(middle, predicate="dwithin", distance=within)
    best = np.full(len(pieces), UNKNOWN, dtype=np.int8)
    best[piece] = FERRY_LINE
    np.minimum.at(best, piece, code[line])
    return best


def _merged(start: Floats, end: Floats, code: NDArray[np.int8], within: float) -> RoadLayer:
    """Make one vertex of ends that lie together; pieces within one vertex go."""
    points = np.concatenate([start, end])
    near = cKDTree(points).query_pairs(within, output_type="ndarray")
    count = len(points)
    label = connected_components(
        coo_array((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=(count, count)),
        directed=False,
    )[1].astype(np.int64)
    size = np.bincount(label)
    xy = np.column_stack([np.bincount(label, points[:, k]) / size for k in (0, 1)])
    m = len(start)
    a, b, km = label[:m], label[m:], np.linalg.norm(start - end, axis=1)
    apart = a != b
    return RoadLayer(xy, a[apart], b[apart], km[apart], code[apart])


def on_known_land(
    layer: RoadLayer, land: Land, barriers: pa.Table, c: TravelConstants
) -> RoadLayer:
    """Leave out roads through land that is not travelled, and across division lines.

    Lakes stop no drawn road: it has a bridge or a causeway there.
    """
    ferry = layer.code == FERRY_LINE
    used = np.unique(np.concatenate([layer.a[~ferry], layer.b[~ferry]]))
    landmass = np.full(len(layer.xy), -1, dtype=np.int64)
    landmass[used] = land.land_points(layer.xy[used], c.landing_max_km)[1]
    dry = (landmass[layer.a] >= 0) & (landmass[layer.b] >= 0)
    division = barriers.filter(pc.equal(barriers["kind"], "border"))
    shut = crosses_barrier(division, layer.xy[layer.a], layer.xy[layer.b])
    return layer.take((dry & ~shut) | ferry)

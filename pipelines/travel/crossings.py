"""Documented crossings, barriers and closed borders: the seeds of the network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pipelines.core.errors import InputError
from pipelines.geo.projection import to_plane
from pipelines.geo.sphere import arc_km, chord_to_arc, to_sphere
from pipelines.travel.constants import TravelConstants
from pipelines.travel.speeds import access_minutes

KINDS = (
    "road",
    "bridge",
    "tunnel",
    "ferry",
    "shore",
    "main_road",
)  # link kinds; the position is the code
ROAD, BRIDGE, TUNNEL, FERRY, SHORE, MAIN_ROAD = range(6)


@dataclass(frozen=True, slots=True)
class Seeds:
    """What is documented by hand about links between settlements.

    Attributes
    ----------
    crossings : Table
        ``name, from_lon, from_lat, to_lon, to_lat, kind, boarding_min, speed_kmh``.
    barriers : Table
        ``name, kind, wkt``: lines that no road link crosses (lakes, division lines).
    closed_borders : Table
        ``country_a, country_b``: borders without open road crossings.
    """

    crossings: pa.Table
    barriers: pa.Table
    closed_borders: pa.Table


@dataclass(frozen=True, slots=True)
class Links:
    """Undirected links: places ``a`` and ``b``, minutes, and code of the kind."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    minutes: NDArray[np.float64]
    kind: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.a)

    def take(self, positions: NDArray[np.int64]) -> Links:
        """Return the links at these positions."""
        return Links(*(getattr(self, n)[positions] for n in ("a", "b", "minutes", "kind")))

    @staticmethod
    def join(parts: list[Links]) -> Links:
        """Put link sets together, one below the other."""
        return Links(
            np.concatenate([p.a for p in parts]),
            np.concatenate([p.b for p in parts]),
            np.concatenate([p.minutes for p in parts]),
            np.concatenate([p.kind for p in parts]),
        )


def seed_links(
    crossings: pa.Table,
    xyz: NDArray[np.float64],
    landmass: NDArray[np.int64] | None,
    c: TravelConstants,
) -> tuple[Links, list[str]]:
    """Turn documented crossings into links between the settlements at their ends.

    Each end is snapped to the nearest settlement, and the road to it counts.
    A crossing whose end has no settlement within ``crossing_snap_max_km``, or
    both of whose ends snap to one settlement, is left out and named.

    Returns
    -------
    links : Links
    left_out : list of str
    """
    rows = crossings.to_pylist()
    for number, row in enumerate(rows, start=2):
        if row["kind"] not in ("bridge", "tunnel", "ferry"):
            raise InputError(
                f"crossings.csv: row {number}: kind '{row['kind']}'; "
                "bridge, tunnel or ferry are allowed"
            )
        if not row["speed_kmh"] > 0 or row["boarding_min"] < 0:
            raise InputError(
                f"crossings.csv: row {number}: speed_kmh must be above 0 and boarding_min "
                f"not below 0; found {row['speed_kmh']} and {row['boarding_min']}"
            )
    if not rows:
        empty = np.empty(0)
        return Links(*(empty.astype(t) for t in (np.int64, np.int64, float, np.int8))), []
    col = {n: np.array([r[n] for r in rows], dtype=float) for n in _NUMBERS}
    start = to_sphere(col["from_lon"], col["from_lat"])
    end = to_sphere(col["to_lon"], col["to_lat"])
    a, near_a = _snap_on_own_side(xyz, start, end)
    b, near_b = _snap_on_own_side(xyz, end, start)
    both = np.concatenate([start, end])
    n = len(rows)
    length = arc_km(both, np.arange(n), np.arange(n) + n)
    minutes = col["boarding_min"] + 60 * length / col["speed_kmh"]
    minutes += access_minutes(near_a, c) + access_minutes(near_b, c)
    kind = np.array([KINDS.index(r["kind"]) for r in rows], dtype=np.int8)
    keep = (a != b) & (near_a <= c.crossing_snap_max_km) & (near_b <= c.crossing_snap_max_km)
    left_out = [rows[i]["name"] for i in np.flatnonzero(~keep)]
    return Links(a[keep], b[keep], minutes[keep], kind[keep]), left_out


def _snap_on_own_side(
    xyz: NDArray[np.float64], end: NDArray[np.float64], other: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Nearest settlement to each ``end`` that is nearer to it than to the other end.

    Without the second condition both ends of a short bridge would snap to one side.
    """
    distance, near = cKDTree(xyz).query(end, k=min(_CANDIDATES, len(xyz)))
    distance, near = distance.reshape(len(end), -1), near.reshape(len(end), -1)
    across = np.linalg.norm(xyz[near] - other[:, None, :], axis=2)
    first = np.argmax(distance < across, axis=1)
    row = np.arange(len(end))
    own = distance[row, first] < across[row, first]
    return near[row, first], np.where(own, chord_to_arc(distance[row, first]), np.inf)


_CANDIDATES = 16  # settlements looked at around the end of a crossing
_NUMBERS = ("from_lon", "from_lat", "to_lon", "to_lat", "boarding_min", "speed_kmh")


def crosses_barrier(
    barriers: pa.Table, start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Tell which straight lines (EPSG:3035, km) cross a barrier."""
    lines = shapely.from_wkt(np.array(barriers["wkt"].to_pylist(), dtype=object))
    lines = shapely.segmentize(lines, 0.2)
    plane = shapely.transform(lines, lambda xy: to_plane(xy[:, 0], xy[:, 1]))
    crossed = np.zeros(len(start), dtype=bool)
    if len(plane):
        # Most lines are far from every barrier: boxes tell, before any geometry is made.
        west, south = np.minimum(start, end).T.copy()
        east, north = np.maximum(start, end).T.copy()
        near = np.zeros(len(start), dtype=bool)
        for left, low, right, high in shapely.bounds(plane):
            near |= (west <= right) & (east >= left) & (south <= high) & (north >= low)
        candidates = np.flatnonzero(near)
        straight = np.asarray(
            shapely.linestrings(np.stack([start[candidates], end[candidates]], axis=1))
        )
        tree = shapely.STRtree(straight)
        crossed[candidates[tree.query(plane, predicate="intersects")[1]]] = True
    return crossed


def crosses_closed_border(
    closed: pa.Table, country: NDArray[np.object_], a: NDArray[np.int64], b: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell which pairs of settlements lie on two sides of a closed border."""
    names, code = np.unique(country.astype(str), return_inverse=True)
    number = {name: i for i, name in enumerate(names)}
    shut = np.zeros((len(names), len(names)), dtype=bool)
    for row in closed.to_pylist():
        i, j = number.get(row["country_a"]), number.get(row["country_b"])
        if i is not None and j is not None:
            shut[i, j] = shut[j, i] = True
    is_shut: NDArray[np.bool_] = shut[code[a], code[b]]
    return is_shut

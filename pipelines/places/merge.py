"""One place drawn several times counts once: a node and its building, the pitches of a ground."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from pipelines.catalogue.rules import fold
from pipelines.core.findings import refuse
from pipelines.geo.sphere import to_sphere
from pipelines.places.osm_objects import Extent
from pipelines.places.osm_tags import TagTable

#: Objects of one type and name within so many metres of each other are one place.
SAME_PLACE_M = 100
#: So many pairs of one type are compared, 320 MB. Places stand apart, ten pitches of a ground
#: have 45 pairs; a hundred thousand on one spot have five thousand million, some 80 GB.
MOST_PAIRS = 20_000_000
TWICE, GROUND = "drawn twice", "part of a ground of the same type"


@dataclass(slots=True)
class Place:
    """One place; of a country there are a million, so it is small.

    The fields are the columns of :data:`pipelines.places.osm.SCHEMA`, and ``extent`` (west,
    south, east, north) of what is drawn as a line or an area.
    """

    osm_type: str
    osm_id: int
    name: str | None
    kind: str
    type: str
    types: tuple[str, ...]
    tag: str
    entry: str
    address: str | None
    opening_hours: str | None
    wheelchair: str | None
    operator: str | None
    check_date: str | None
    edited: str | None
    lon: float
    lat: float
    extent: Extent | None


#: What one drawing of a place can take over from another.
_FACTS = ("name", "address", "opening_hours", "wheelchair", "operator", "check_date")
Rows = list[Place]
Pairs = NDArray[np.int64]


def one_each(rows: Rows, table: TagTable) -> tuple[Rows, Counter[str]]:
    """Merge rows that are one place.

    Two objects of one type are one place where they bear the same name within 100 m, where a
    node lies in the extent of an area and one of them has no name, and, for types with
    ``one_within_m`` (sports grounds), wherever they are as near as that.

    Parameters
    ----------
    rows : list of Place

    Returns
    -------
    rows : list of Place
        Areas stand for their nodes, and take over types and facts that they lack.
    merged : Counter
        How many rows went into another, by reason.

    Raises
    ------
    InputError
        More than ``MOST_PAIRS`` pairs of one type lie near enough to be compared.
    """
    by_type: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        by_type.setdefault(row.type, []).append(number)
    gone: set[int] = set()
    merged: Counter[str] = Counter()
    for name, numbers in by_type.items():
        members = np.array(numbers)
        ground_m = table.types[name].one_within_m
        for group in _groups(rows, members, ground_m):
            first = _merge(rows, group)
            gone |= set(group) - {first}
            merged[GROUND if ground_m else TWICE] += len(group) - 1
    return [row for number, row in enumerate(rows) if number not in gone], merged


def _groups(rows: Rows, members: Pairs, ground_m: int | None) -> list[list[int]]:
    """Return the groups of rows of one type that are one place."""
    if len(members) < 2:
        return []
    lon = np.array([rows[n].lon for n in members])
    lat = np.array([rows[n].lat for n in members])
    tree = cKDTree(to_sphere(lon, lat))
    near = int(tree.count_neighbors(tree, _chord(ground_m or SAME_PLACE_M)) - len(members)) // 2
    _check_pairs(near, rows[members[0]].type)
    pairs = tree.query_pairs(_chord(ground_m or SAME_PLACE_M), output_type="ndarray")
    if not ground_m:
        names = [fold(rows[n].name or "") for n in members]
        same = [i for i, (a, b) in enumerate(pairs) if names[a] and names[a] == names[b]]
        inside = _inside(rows, members, names, tree)
        pairs = np.concatenate([pairs[same], inside]).reshape(-1, 2)
    if not len(pairs):
        return []
    link = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(members),) * 2)
    label = connected_components(link, directed=False)[1]
    order = np.argsort(label, kind="stable")
    cut = np.flatnonzero(np.diff(label[order])) + 1
    return [members[part].tolist() for part in np.split(order, cut) if len(part) > 1]


def _check_pairs(number: int, kind: str) -> None:
    """Refuse so many places on one spot that to compare them would fill the memory.

    Raises
    ------
    InputError
    """
    if number > MOST_PAIRS:
        allowed = f"up to {MOST_PAIRS:,} pairs; OpenStreetMap's own places stand apart"
        problem = f"{number:,} pairs of objects of the type {kind} lie on one another"
        raise refuse("extract", problem, allowed=allowed)


def _chord(metres: float) -> float:
    return metres / 1000  # of so short an arc the chord is as long


def _inside(rows: Rows, members: Pairs, names: list[str], tree: cKDTree) -> Pairs:
    """Return pairs of an area and a node in its extent, one of them without a name."""
    areas = [at for at, number in enumerate(members) if rows[number].extent]
    if not areas:
        return np.empty((0, 2), dtype=np.int64)
    box = np.array([rows[members[at]].extent for at in areas])
    centre = tree.data[areas]
    corners = (to_sphere(box[:, 0], box[:, 1]), to_sphere(box[:, 2], box[:, 3]))
    radius = np.max([np.linalg.norm(corner - centre, axis=1) for corner in corners], axis=0)
    number = int(tree.query_ball_point(centre, radius, return_length=True).sum())
    _check_pairs(number, rows[members[0]].type)
    lon = np.array([rows[n].lon for n in members])
    lat = np.array([rows[n].lat for n in members])
    is_node = np.array([rows[n].osm_type == "node" for n in members])
    is_unnamed = np.array([not name for name in names])
    pairs = [np.empty((0, 2), dtype=np.int64)]
    for at, middle, reach, (west, south, east, north) in zip(
        areas, centre, radius, box, strict=True
    ):
        near = np.array(tree.query_ball_point(middle, reach), dtype=np.int64)
        is_in = is_node[near] & (is_unnamed[at] | is_unnamed[near])
        is_in &= (west <= lon[near]) & (lon[near] <= east)
        is_in &= (south <= lat[near]) & (lat[near] <= north)
        inside = near[is_in]
        pairs.append(np.column_stack([np.full(len(inside), at), inside]))
    return np.concatenate(pairs)


def _merge(rows: Rows, group: list[int]) -> int:
    """Fill one row with what the others know; return its number."""
    group = sorted(group, key=lambda n: (rows[n].osm_type == "node", n))
    first = rows[group[0]]
    for number in group[1:]:
        other = rows[number]
        first.edited = max(filter(None, (first.edited, other.edited)), default=None)
        first.types = tuple(dict.fromkeys([*first.types, *other.types]))
        for fact in _FACTS:
            if getattr(first, fact) is None:
                setattr(first, fact, getattr(other, fact))
    return group[0]

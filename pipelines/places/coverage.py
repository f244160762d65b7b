"""Which settlements an extract covers: without that, nobody can say who has none.

An extract ends at a border that it does not draw. Where it holds the whole map, the density of
its nodes tells where it ends: a settlement that it covers has thousands of them around it, one
beyond the border some hundreds at most. Where it holds picked objects only (Overpass, GeoJSON,
a filtered file), a user can state the country; else the covered area is unknown and only
settlements that have an object are counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.core.countries import allowed
from pipelines.core.errors import InputError
from pipelines.places.pbf import CELLS_PER_DEGREE

NODES, STATED, UNKNOWN = "nodes", "stated", "unknown"
#: Around the objects of an extract without nodes: what a settlement's own objects may lie off it.
MARGIN_DEGREES = 0.05
Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Coverage:
    """What an extract covers.

    Attributes
    ----------
    basis : str
        ``nodes`` (its own density), ``stated`` (the user named the country) or ``unknown``.
    is_covered : ndarray of bool, shape (n,)
        By settlement.
    nodes : ndarray of int, shape (n,), or None
        Nodes in the 3 x 3 cells of 0.01 degree around each settlement's point.
    """

    basis: str
    is_covered: Flags
    nodes: Counts | None = None


def nodes_around(cells: pa.Table, towns: pd.DataFrame) -> Counts:
    """Return the number of nodes in the 3 x 3 cells around each settlement.

    Parameters
    ----------
    cells : pyarrow.Table
        ``x, y, nodes`` as :class:`pipelines.places.pbf.PbfContent` has them.
    towns : DataFrame
        ``lon``, ``lat`` (EPSG:4326).
    """
    wide = 361 * CELLS_PER_DEGREE
    keys = cells["y"].to_numpy().astype(np.int64) * wide + cells["x"].to_numpy()
    order = np.argsort(keys)
    keys, nodes = keys[order], cells["nodes"].to_numpy().astype(np.int64)[order]
    x = np.floor(towns["lon"].to_numpy() * CELLS_PER_DEGREE).astype(np.int64)
    y = np.floor(towns["lat"].to_numpy() * CELLS_PER_DEGREE).astype(np.int64)
    total = np.zeros(len(towns), dtype=np.int64)
    for right in (-1, 0, 1):
        for up in (-1, 0, 1):
            key = (y + up) * wide + x + right
            at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
            total += np.where(keys[at] == key, nodes[at], 0)
    return total


def cover(
    file: str,
    places: pa.Table,
    town_index: NDArray[np.int64],
    towns: pd.DataFrame,
    least_nodes: float,
    cells: pa.Table | None = None,
    country: str | None = None,
) -> Coverage:
    """Decide which settlements an extract covers.

    Parameters
    ----------
    file : str
        Name of the extract, for messages.
    places : pyarrow.Table
        Its places, with ``lon`` and ``lat``.
    town_index : ndarray of int
        Settlement of each place; -1 for none.
    towns : DataFrame
        ``country``, ``lon``, ``lat``.
    least_nodes : float
        Nodes that a covered settlement has at least (``osm_covered_least_nodes``).
    cells : pyarrow.Table, optional
        Of an extract that holds the whole map.
    country : str, optional
        Code that the user states: no settlement of another country is counted.

    Raises
    ------
    InputError
        The country is unknown or the extract covers none of its settlements.
    """
    codes = towns["country"].to_numpy()
    if country is not None and country not in set(codes):
        raise InputError(
            f"--country: no such code; found {country!r}; {allowed(country, set(codes))}"
        )
    is_in_country = np.ones(len(towns), dtype=bool) if country is None else codes == country
    nodes = None if cells is None else nodes_around(cells, towns)
    if nodes is not None and ((nodes >= least_nodes) & is_in_country).any():
        return Coverage(NODES, (nodes >= least_nodes) & is_in_country, nodes)
    if country is not None:
        is_covered, basis = is_in_country & _in_extent(places, towns), STATED
    else:
        is_covered, basis = np.zeros(len(towns), dtype=bool), UNKNOWN
        is_covered[town_index[town_index >= 0]] = True
    if not is_covered.any():
        where = f"of {country}" if country else "of the database"
        raise InputError(f"{file}: no settlement {where} lies where the extract has places")
    return Coverage(basis, is_covered)


def _in_extent(places: pa.Table, towns: pd.DataFrame) -> Flags:
    """Tell which settlements lie in the extent of an extract's places."""
    inside = np.ones(len(towns), dtype=bool)
    for name in ("lon", "lat"):
        values, own = places[name].to_numpy(), towns[name].to_numpy()
        inside &= own >= values.min() - MARGIN_DEGREES
        inside &= own <= values.max() + MARGIN_DEGREES
    return inside

"""Measures for other origins than settlements: cells of a grid, addresses, villages.

An origin stands on its nearest settlement with access time. Its minutes to the
nearest target are that settlement's plus the access; what the settlement's
table cannot tell (counts within a limit, which shift with the access) is
counted anew from the times of all pairs of settlement and site.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.geo.nearest import SettlementTree
from pipelines.reach.access import ReachConstants
from pipelines.reach.engine import Reach
from pipelines.reach.sites import site_pairs
from pipelines.travel.constants import TravelConstants
from pipelines.travel.network import Network
from pipelines.travel.speeds import access_minutes

_BLOCK = 500_000  # origins that are handled at once, so that memory stays bounded


@dataclass(frozen=True, slots=True)
class Origins:
    """Settlement of each origin and the minutes to it; NaN and −1 where none is near."""

    node: NDArray[np.int32]
    minutes: NDArray[np.float32]


def snap_origins(
    network: Network, lon: NDArray[np.float64], lat: NDArray[np.float64], c: TravelConstants
) -> Origins:
    """Put origins on the nearest settlement (EPSG:4326)."""
    nodes = network.settlements
    node, km = SettlementTree(nodes.lon, nodes.lat).nearest(lon, lat, c.access_max_km)
    minutes = np.where(node < 0, np.nan, access_minutes(km, c))
    return Origins(node.astype(np.int32), minutes.astype(np.float32))


def from_origins(
    network: Network, origins: Origins, steps: pa.Table, reach: Reach, limits: ReachConstants
) -> pa.Table:
    """Remoteness and reach of origins.

    Parameters
    ----------
    network : Network
    origins : Origins, shape (o,)
    steps : Table
        :func:`pipelines.travel.remoteness.travel_minutes` of the settlements.
    reach : Reach
        :func:`pipelines.reach.engine.reach` of the facilities.
    limits : ReachConstants

    Returns
    -------
    Table
        The ``minutes_*`` columns of both, with access (32-bit), and
        ``within_15, within_30, within_60``. NULL minutes where an origin is
        near no settlement or nothing is reached.
    """
    place = np.maximum(origins.node, 0)
    columns: dict[str, pa.Array] = {}
    for table in (steps, reach.table):
        for name in table.column_names:
            if name.startswith("minutes_"):
                values = table[name].to_numpy(zero_copy_only=False).astype(np.float32)
                own = values[place] + origins.minutes
                columns[name] = pa.array(own, mask=np.isnan(own))
    counts = _counts(network, origins, reach, limits)
    names = ("within_15", "within_30", "within_60")
    columns |= {name: pa.array(count) for name, count in zip(names, counts, strict=True)}
    return pa.table(columns)


def _counts(
    network: Network, origins: Origins, reach: Reach, limits: ReachConstants
) -> NDArray[np.int32]:
    """Sites within each limit of every origin, shape (3, o)."""
    ends = (limits.near_min, limits.middle_min, limits.far_min)
    blocks = list(site_pairs(network, reach.nearest.snapped, ends[-1]))
    settlement = np.concatenate([b[0] for b in blocks])
    # Each settlement's times, sorted, stand behind one another on one axis.
    span = 2.0 * ends[-1]
    axis = np.sort(settlement * span + np.concatenate([b[2] for b in blocks]))
    start = np.searchsorted(axis, np.arange(len(network.settlements) + 1) * span)
    counts = np.zeros((len(ends), len(origins.node)), dtype=np.int32)
    for low in range(0, len(origins.node), _BLOCK):
        some = slice(low, low + _BLOCK)
        nodes = np.maximum(origins.node[some], 0)
        for i, end in enumerate(ends):
            left = end - origins.minutes[some].astype(float)
            seen = np.searchsorted(axis, nodes * span + left, "right") - start[nodes]
            counts[i, some] = np.where((origins.node[some] >= 0) & (left >= 0), seen, 0)
    return counts

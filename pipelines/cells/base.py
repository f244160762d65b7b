"""What the settlements know, in a folder that every process opens without reading it whole.

The minutes of a cell are those of its nearest settlement and the way to it. What must be
found anew for each cell, how many sites lie within a limit and how much of them is its own,
comes from lists: the sites within the far limit of each settlement, nearest first. Lists are
NumPy arrays on disk, so that memory and processes share them.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipelines.core.thresholds import Thresholds
from pipelines.geo.nearest import SettlementTree
from pipelines.reach.access import ReachConstants
from pipelines.reach.measured import MeasuredPairs
from pipelines.reach.sites import Sites, Snapped, capacities, pairs_of_each, snap
from pipelines.travel.constants import TravelConstants
from pipelines.travel.network import Network

SETTLEMENTS, SITES, FACTS = "settlements.parquet", "sites.parquet", "base.json"
_PAIR = np.dtype([("node", "<i4"), ("site", "<i4"), ("minutes", "<f8")])
_NODES = 8_192  # settlements whose pairs are sorted at once, so that memory stays bounded

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Pairs = NDArray[np.void]


@dataclass(frozen=True, slots=True)
class SiteLists:
    """Sites within the far limit of each settlement, nearest first, one list behind the other.

    Attributes
    ----------
    start : ndarray, shape (n + 1,)
        Where each settlement's list begins.
    minutes : ndarray, shape (p,)
    site : ndarray, shape (p,)
    """

    start: Ints
    minutes: Floats
    site: NDArray[np.int32]

    def within(self, node: Ints, access: Floats, end: float, most: Ints | None = None) -> Ints:
        """Return how many sites of each cell's list are within ``end`` minutes of the cell.

        Parameters
        ----------
        node : ndarray, shape (c,)
            Settlement of each cell; in order, a search reads memory from front to back.
        access : ndarray, shape (c,)
            Minutes to it.
        end : float
        most : ndarray, shape (c,), optional
            No more than these, as a search with a later end told.
        """
        low = self.start[node]
        high = self.start[node + 1] if most is None else low + most
        first = low
        while (is_open := low < high).any():
            middle = np.minimum((low + high) >> 1, max(len(self.minutes) - 1, 0))
            is_within = is_open & (self.minutes[middle] + access <= end)
            low = np.where(is_within, middle + 1, low)
            high = np.where(is_open & ~is_within, middle, high)
        return low - first


@dataclass(frozen=True)
class Base:
    """An opened base.

    Attributes
    ----------
    folder : Path
    """

    folder: Path

    @cached_property
    def facts(self) -> dict[str, Any]:
        """Thresholds, services and the database that the base was made from."""
        facts: dict[str, Any] = json.loads((self.folder / FACTS).read_text("utf-8"))
        return facts

    @cached_property
    def services(self) -> list[str]:
        """Services in order of their names."""
        return [str(name) for name in self.facts["services"]]

    @cached_property
    def travel(self) -> TravelConstants:
        """Constants of the way to the settlement."""
        return TravelConstants(**self.facts["travel"])

    @cached_property
    def limits(self) -> ReachConstants:
        """Limits and weights."""
        return ReachConstants(**self.facts["reach"])

    @cached_property
    def settlements(self) -> pa.Table:
        """What is known of each settlement."""
        return pq.read_table(self.folder / SETTLEMENTS).combine_chunks()

    @cached_property
    def tree(self) -> SettlementTree:
        """The nearest settlement of any point."""
        lon, lat = (self.settlements[name].to_numpy() for name in ("lon", "lat"))
        return SettlementTree(lon, lat)

    @cached_property
    def sites(self) -> pa.Table:
        """``service, site, site_id, capacity``: what the supply score shares out."""
        return pq.read_table(self.folder / SITES).combine_chunks()

    def lists(self, service: str) -> SiteLists:
        """Open the lists of a service; what is not asked for stays on the disk."""
        start, minutes, site = (
            np.load(self.folder / f"{service}.{part}.npy", mmap_mode="r")
            for part in ("start", "minutes", "site")
        )
        return SiteLists(np.asarray(start), minutes, site)

    def shares(self, service: str, name: str) -> Floats:
        """Return running sums of what the sites of each list give a person; see ``supply``."""
        shares: Floats = np.load(self.folder / f"{service}.{name}.npy", mmap_mode="r")
        return shares


def write_base(
    folder: Path,
    network: Network,
    services: Mapping[str, Sites],
    settlements: pa.Table,
    rows: Thresholds,
    stored: tuple[pa.Table, pa.Table] | None = None,
) -> Base:
    """Write the base of a database.

    Parameters
    ----------
    folder : Path
        Empty.
    network : Network
    services : mapping of str to Sites
    settlements : Table
        One row a settlement in the network's order: ``geonameid, lon, lat`` and what cells
        take over.
    rows : Thresholds
    stored : tuple of Table, optional
        As of :func:`pipelines.reach.engine.reach_each`.
    """
    travel, limits = TravelConstants.from_thresholds(rows), ReachConstants.from_thresholds(rows)
    names = sorted(services)
    snapped = [snap(network, services[name], travel) for name in names]
    measured = [MeasuredPairs.of(*stored, network, s) if stored else None for s in snapped]
    parts = []
    for name, service in zip(names, snapped, strict=True):
        capacity, basis = capacities(service.sites)
        parts.append(
            pa.table(
                {
                    "service": pa.array([name] * len(capacity), pa.string()),
                    "site": pa.array(np.arange(len(capacity)), pa.int32()),
                    "site_id": pa.array(service.sites.ids.tolist(), pa.string()),
                    "capacity": capacity,
                    "capacity_basis": pa.array([basis] * len(capacity), pa.string()),
                }
            )
        )
    pq.write_table(pa.concat_tables(parts), folder / SITES)
    pq.write_table(settlements, folder / SETTLEMENTS)
    with tempfile.TemporaryDirectory(dir=folder) as spool:
        _spool_pairs(network, snapped, measured, limits.far_min, Path(spool))
        for number, name in enumerate(names):
            _write_lists(folder, name, _sorted_pairs(Path(spool), number, len(network.settlements)))
    facts = {"services": names, "travel": asdict(travel), "reach": asdict(limits)}
    (folder / FACTS).write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    return Base(folder)


def _spool_pairs(
    network: Network,
    snapped: Sequence[Snapped],
    measured: Sequence[MeasuredPairs | None],
    limit: float,
    spool: Path,
) -> None:
    """Put all pairs of settlement and site within the limit into files by service and node."""
    is_done = [np.zeros(len(service.sites), dtype=bool) for service in snapped]
    for number, origin, site, minutes in pairs_of_each(network, snapped, limit):
        if (stored := measured[number]) is not None:
            is_done[number][site] = True
            origin, site, minutes = stored.replace((origin, site, minutes), limit)
        _append(spool, number, origin, site, minutes)
    # As in reach: a site out of everybody's reach by the estimate may be in it by a measured way.
    for number, (stored, done) in enumerate(zip(measured, is_done, strict=True)):
        if stored is not None:
            _append(spool, number, *stored.of_sites(np.flatnonzero(~done), limit))


def _append(spool: Path, number: int, origin: Ints, site: Ints, minutes: Floats) -> None:
    pairs = np.empty(len(origin), dtype=_PAIR)
    pairs["node"], pairs["site"], pairs["minutes"] = origin, site, minutes
    slab = origin // _NODES
    for value in np.unique(slab).tolist():
        with (spool / f"{number}-{value}").open("ab") as stream:
            pairs[slab == value].tofile(stream)


def _sorted_pairs(spool: Path, number: int, nodes: int) -> Iterator[tuple[Pairs, Ints]]:
    """Yield a service's pairs by settlement, nearest first, of equal ones the site listed first."""
    for slab in range(-(-nodes // _NODES)):
        path = spool / f"{number}-{slab}"
        pairs = np.fromfile(path, dtype=_PAIR) if path.is_file() else np.empty(0, dtype=_PAIR)
        order = np.lexsort((pairs["site"], pairs["minutes"], pairs["node"]))
        counts = np.bincount(
            pairs["node"] - slab * _NODES, minlength=min(_NODES, nodes - slab * _NODES)
        )
        yield pairs[order], counts.astype(np.int64)


def _write_lists(folder: Path, service: str, parts: Iterable[tuple[Pairs, Ints]]) -> None:
    """Write the three arrays of a service's lists."""
    counts, pairs = [], []
    for part, count in parts:
        pairs.append(part)
        counts.append(count)
    start = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
    np.save(folder / f"{service}.start.npy", start)
    for name in ("minutes", "site"):
        np.save(folder / f"{service}.{name}.npy", np.concatenate([part[name] for part in pairs]))

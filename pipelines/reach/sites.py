"""Facilities as arrays, where they stand on the network, and who is within reach of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.core.areas import area
from pipelines.core.errors import InputError
from pipelines.geo.nearest import SettlementTree
from pipelines.geo.projection import to_plane
from pipelines.travel.constants import TravelConstants
from pipelines.travel.ends import site_minutes
from pipelines.travel.network import Network
from pipelines.travel.paths import fastest, pairs_within


@dataclass(frozen=True, slots=True)
class Sites:
    """Facilities as arrays of shape (m,).

    Attributes
    ----------
    ids : ndarray of str
    lon, lat : ndarray
        EPSG:4326.
    capacity : ndarray
        NaN where it is not known.
    """

    ids: NDArray[np.object_]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    capacity: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, positions: NDArray[Any]) -> Sites:
        """Return the sites at these positions."""
        return Sites(
            self.ids[positions], self.lon[positions], self.lat[positions], self.capacity[positions]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapped:
    """Sites on the network.

    Attributes
    ----------
    sites : Sites
        Those within ``access_max_km`` of a settlement.
    node : ndarray of int, shape (m,)
        Settlement of each.
    minutes : ndarray, shape (m,)
        Time from it to the settlement, and out of the place that one starts from.
    excluded : ndarray of str
        Ids of the others.
    """

    sites: Sites
    node: NDArray[np.int64]
    minutes: NDArray[np.float64]
    excluded: NDArray[np.object_]


def snap(network: Network, sites: Sites, c: TravelConstants) -> Snapped:
    """Put sites on the nearest settlement, with access time.

    Raises
    ------
    InputError
        No site is near any settlement.
    """
    nodes = network.settlements
    node, km = SettlementTree(nodes.lon, nodes.lat).nearest(sites.lon, sites.lat, c.access_max_km)
    near = np.flatnonzero(node >= 0)
    if not len(near):
        raise InputError(
            f"facilities: none of {len(sites)} lies within {c.access_max_km:g} km of a settlement; "
            f"the first is at lon {sites.lon[0]:g}, lat {sites.lat[0]:g}. "
            f"Europe is about {area('europe').words()}."
        )
    return Snapped(
        sites=sites.take(near),
        node=node[near],
        minutes=site_minutes(km[near], c),
        excluded=sites.ids[node < 0],
    )


def capacities(sites: Sites) -> tuple[NDArray[np.float64], str]:
    """Capacities to share, and on what basis: missing is not zero.

    One missing capacity makes all count one per site, since beds and sites
    cannot be added up. A user's file that states some is refused before, see
    :meth:`pipelines.reach.facilities.Facilities.for_supply`.
    """
    known = ~np.isnan(sites.capacity)
    if known.all():
        return sites.capacity, "capacity"
    missing = int((~known).sum())
    if missing == len(sites):
        return np.ones(len(sites)), "one per site"
    return np.ones(len(sites)), f"one per site ({missing} of {len(sites)} capacities are missing)"


def site_pairs(
    network: Network, snapped: Snapped, limit: float
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]]:
    """All pairs of settlement and site within ``limit`` minutes, access included.

    Yields
    ------
    settlement, site, minutes : ndarray, shape (p,)
        Blocks that hold all pairs of their sites.
    """
    for _, settlement, site, minutes in pairs_of_each(network, [snapped], limit):
        yield settlement, site, minutes


def pairs_of_each(
    network: Network, services: Sequence[Snapped], limit: float
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]]:
    """Pairs as of :func:`site_pairs` for several sets of sites, each block with its set's number.

    A settlement at which sites of several sets stand is searched from once.
    """
    nodes = network.settlements
    xy = to_plane(nodes.lon, nodes.lat)
    orders = [np.argsort(service.node, kind="stable") for service in services]
    ranked = [service.node[order] for service, order in zip(services, orders, strict=True)]
    starts = np.unique(np.concatenate(ranked))
    for sources, near, minutes in pairs_within(
        network.graph, xy, starts, limit, fastest(network.graph, xy)
    ):
        # Flat positions are found and read faster than rows and columns.
        flat = np.flatnonzero(minutes.ravel() <= limit)
        row, column = np.divmod(flat, minutes.shape[1])
        ways = minutes.ravel()[flat]
        for number, service in enumerate(services):
            first = np.searchsorted(ranked[number], sources)
            count = np.searchsorted(ranked[number], sources, "right") - first
            # Each pair of nodes stands for as many pairs as there are sites at the source.
            pair, nth = _repeated(count[row])
            site = orders[number][first[row[pair]] + nth]
            total = ways[pair] + service.minutes[site]
            within = total <= limit
            yield number, near[column[pair[within]]], site[within], total[within]


def _repeated(times: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions, each as often as ``times`` says, and which repetition each is."""
    if times.max(initial=0) <= 1:
        position = np.flatnonzero(times)
        return position, np.zeros(len(position), dtype=np.int64)
    position = np.repeat(np.arange(len(times)), times)
    ends = np.cumsum(times)
    return position, np.arange(len(position)) - (ends - times)[position]

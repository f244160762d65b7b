"""Reach: who gets to which facilities, how fast, and how much of them is theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.reach.access import ReachConstants, Tally
from pipelines.reach.domestic import Domestic, country_codes
from pipelines.reach.measured import MeasuredPairs, put_nearest
from pipelines.reach.sites import Sites, Snapped, capacities, pairs_of_each, snap
from pipelines.travel.constants import TravelConstants
from pipelines.travel.matrix import read_matrix
from pipelines.travel.network import Network
from pipelines.travel.paths import k_nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class NearestSites:
    """The k nearest sites of each settlement: what changes are measured against.

    Attributes
    ----------
    minutes : ndarray, shape (n, k)
        Infinite where there are fewer.
    site : ndarray of int, shape (n, k)
        Position in ``snapped.sites``; -1 where there are fewer.
    snapped : Snapped
    """

    minutes: NDArray[np.float64]
    site: NDArray[np.int64]
    snapped: Snapped


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Result of :func:`reach`.

    Attributes
    ----------
    table : Table
        One row a settlement, in the network's order, see :func:`reach`.
    capacity_basis : str
        ``capacity``, or ``one per site`` where a capacity is missing.
    excluded : ndarray of str
        Ids of sites that no settlement is near to.
    without_demand : int
        Sites that nobody reaches within the E2SFCA limit; in no supply score.
    nearest : NearestSites
        What :class:`pipelines.reach.whatif.WhatIf` starts from.
    measured : MeasuredPairs or None
        Ways of stored matrices that stand in place of the estimate.
    unused_rows : int
        Rows of a matrix that lead to none of the sites.
    """

    table: pa.Table
    capacity_basis: str
    excluded: NDArray[np.object_]
    without_demand: int
    nearest: NearestSites = field(repr=False)
    measured: MeasuredPairs | None = field(default=None, repr=False)
    unused_rows: int = 0


def reach(
    network: Network,
    sites: Sites,
    travel: TravelConstants,
    limits: ReachConstants,
    *,
    domestic: bool = False,
) -> Reach:
    """Measure every settlement's reach of a set of facilities.

    Parameters
    ----------
    network : Network
    sites : Sites
    travel, limits : constants
    domestic : bool
        Count only facilities whose settlement lies in the same country. The way
        to them may still lead abroad.

    Returns
    -------
    Reach
        Its table holds ``geonameid, minutes_nearest, nearest_id, within_15,
        within_30, within_60, supply_score, minutes_mean_3, supply_2sfca,
        supply_gaussian, supply_gravity``. The three counts take the limits of
        the thresholds seed. ``minutes_nearest`` is NULL where no facility is
        reached at all, ``minutes_mean_3`` where fewer than three are; counts
        and scores are 0 there. ``supply_score`` is E2SFCA, capacity per person.
    """
    (result,) = reach_each(network, [sites], travel, limits, domestic=domestic)
    return result


def reach_each(
    network: Network,
    services: Sequence[Sites],
    travel: TravelConstants,
    limits: ReachConstants,
    *,
    domestic: bool = False,
    stored: tuple[pa.Table, pa.Table] | None = None,
) -> list[Reach]:
    """Measure every settlement's reach of several sets of facilities.

    As :func:`reach` of each; ways from one settlement are searched once for all sets.
    ``stored`` are minutes of stored matrices and the countries that they cover, see
    :meth:`pipelines.reach.measured.MeasuredPairs.of`: their ways stand in place of the
    estimated ones of the same pairs.
    """
    nodes = network.settlements
    snapped = [snap(network, sites, travel) for sites in services]
    measured = [
        MeasuredPairs.of(*stored, network, service) if stored else None for service in snapped
    ]
    shares = [capacities(service.sites) for service in snapped]
    tallies = [Tally(nodes.population, capacity, limits) for capacity, _ in shares]
    country = country_codes(network) if domestic else None
    _add_pairs(network, snapped, tallies, country, measured)
    for service, tally, pairs in zip(snapped, tallies, measured, strict=True):
        _find_nearest(network, service, tally, country)
        if pairs is not None:
            put_nearest(network, service, tally, pairs)
    return [
        Reach(
            table=reach_table(nodes.geonameid, service.sites.ids, tally),
            capacity_basis=basis,
            excluded=service.excluded,
            without_demand=int((~tally.has_demand["e2sfca"]).sum()),
            nearest=NearestSites(
                minutes=tally.nearest_min, site=tally.nearest_site, snapped=service
            ),
            measured=pairs,
        )
        for service, tally, (_, basis), pairs in zip(
            snapped, tallies, shares, measured, strict=True
        )
    ]


def reach_from_matrix(
    settlements: pa.Table,
    sites: Sites,
    path: Path,
    limits: ReachConstants,
    mode: str | None = None,
) -> Reach:
    """Measure reach with a routing engine's travel times instead of the estimate.

    Parameters
    ----------
    settlements : Table
        ``geonameid`` and ``population``.
    sites : Sites
    path : Path
        See :func:`pipelines.travel.matrix.read_matrix`; destinations are facility ids.
    limits : ReachConstants
    mode : str, optional
        Which mode of the matrix is taken, where it holds several.

    Returns
    -------
    Reach
        As of :func:`reach`. A pair that the matrix does not hold counts as no way.
        Sites without any row are set aside.
    """
    ids = settlements["geonameid"].to_numpy(zero_copy_only=False)
    population = settlements["population"].cast(pa.float64()).to_numpy(zero_copy_only=False)
    pairs = read_matrix(path, ids, sites.ids, mode)
    capacity, basis = capacities(sites)
    tally = Tally(population, capacity, limits)
    tally.add(pairs.origin, pairs.destination, pairs.minutes)
    tally.keep_nearest(pairs.origin, pairs.destination, pairs.minutes)
    used = np.zeros(len(sites), dtype=bool)
    used[pairs.destination] = True
    snapped = Snapped(
        sites=sites,
        node=np.full(len(sites), -1, dtype=np.int64),  # a matrix does not say where sites stand
        minutes=np.full(len(sites), np.nan),
        excluded=sites.ids[~used],
    )
    return Reach(
        table=reach_table(ids, sites.ids, tally),
        capacity_basis=basis,
        excluded=snapped.excluded,
        without_demand=int((used & ~tally.has_demand["e2sfca"]).sum()),
        nearest=NearestSites(minutes=tally.nearest_min, site=tally.nearest_site, snapped=snapped),
        unused_rows=pairs.strangers,
    )


def _add_pairs(
    network: Network,
    snapped: Sequence[Snapped],
    tallies: Sequence[Tally],
    country: NDArray[Any] | None,
    measured: Sequence[MeasuredPairs | None],
) -> None:
    """Feed all pairs within the far limit to the tallies, tile by tile."""
    limit = tallies[0].limits[-1]
    is_done = [np.zeros(len(service.sites), dtype=bool) for service in snapped]
    for number, origin, site, minutes in pairs_of_each(network, snapped, limit):
        if (stored := measured[number]) is not None:
            is_done[number][site] = True
            origin, site, minutes = stored.replace((origin, site, minutes), limit)
        if country is not None:
            same = country[origin] == country[snapped[number].node[site]]
            origin, site, minutes = origin[same], site[same], minutes[same]
        tallies[number].add(origin, site, minutes)
    # A site that the estimate puts out of everybody's reach may be in it by a measured way.
    for tally, stored, done in zip(tallies, measured, is_done, strict=True):
        if stored is not None:
            tally.add(*stored.of_sites(np.flatnonzero(~done), limit))


def _find_nearest(
    network: Network, snapped: Snapped, tally: Tally, country: NDArray[Any] | None
) -> None:
    """Find every settlement's k nearest sites, however far they are."""
    k = tally.nearest_min.shape[1]
    if country is None:
        times_and_sites = k_nearest(network.graph, snapped.node, snapped.minutes, k)
        tally.nearest_min[:], tally.nearest_site[:] = times_and_sites
        return
    for home, area in Domestic(network, country).areas(snapped.node):
        mine = np.flatnonzero(country[snapped.node] == home)
        minutes, site = k_nearest(
            area.graph, area.inside[snapped.node[mine]], snapped.minutes[mine], k
        )
        rows = area.inside[area.own]
        tally.nearest_min[area.own] = minutes[rows]
        tally.nearest_site[area.own] = np.where(site[rows] >= 0, mine[site[rows]], -1)


def reach_table(geonameid: NDArray[Any], site_ids: NDArray[Any], tally: Tally) -> pa.Table:
    """Turn a tally into the columns of :func:`reach`."""
    nearest, which = tally.nearest_min[:, 0], tally.nearest_site[:, 0]
    missing = which < 0
    names = np.where(missing, np.array(None), site_ids[np.maximum(which, 0)])
    few = ~np.isfinite(tally.nearest_min).all(axis=1)
    mean = np.where(few, 0.0, np.where(np.isinf(tally.nearest_min), 0, tally.nearest_min).mean(1))
    return pa.table(
        {
            "geonameid": pa.array(geonameid),
            "minutes_nearest": pa.array(nearest, mask=missing),
            "nearest_id": pa.array(names.tolist(), pa.string()),
            "within_15": pa.array(tally.within[0]),
            "within_30": pa.array(tally.within[1]),
            "within_60": pa.array(tally.within[2]),
            "supply_score": pa.array(tally.scores["e2sfca"]),
            "minutes_mean_3": pa.array(mean, mask=few),
            "supply_2sfca": pa.array(tally.scores["2sfca"]),
            "supply_gaussian": pa.array(tally.scores["gaussian"]),
            "supply_gravity": pa.array(tally.scores["gravity"]),
        }
    )

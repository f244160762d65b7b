"""Reach: who gets to which facilities, how fast, and how much of them is theirs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pipelines.access import ReachConstants, Tally
from pipelines.errors import InputError
from pipelines.travel.constants import TravelConstants
from pipelines.travel.geo import chord_to_arc, to_plane, to_sphere
from pipelines.travel.network import Network
from pipelines.travel.paths import fastest, k_nearest, pairs_within
from pipelines.travel.speeds import access_minutes

_DOMESTIC_MARGIN_KM = 100.0  # a domestic way may lead this far round the country's own extent


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

    def take(self, at: NDArray) -> Sites:
        """Return the sites at these positions."""
        return Sites(self.ids[at], self.lon[at], self.lat[at], self.capacity[at])


@dataclass(frozen=True, slots=True)
class Snapped:
    """Sites on the network: their settlement and the minutes to it.

    Sites further than ``access_max_km`` from every settlement are set aside.
    """

    sites: Sites
    at: NDArray[np.int64]
    minutes: NDArray[np.float64]
    set_aside: NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Reach:
    """Result of :func:`reach`.

    Attributes
    ----------
    table : Table
        One row a settlement, in the network's order, see :func:`reach`.
    capacity_basis : str
        ``capacity``, or ``one per site`` where a capacity is missing.
    set_aside : ndarray of str
        Ids of sites that no settlement is near to.
    without_demand : int
        Sites that nobody reaches within the E2SFCA limit; in no supply score.
    nearest_min, nearest_site : ndarray, shape (n, k)
        What :class:`pipelines.whatif.WhatIf` starts from.
    snapped : Snapped
    """

    table: pa.Table
    capacity_basis: str
    set_aside: NDArray[np.object_]
    without_demand: int
    nearest_min: NDArray[np.float64] = field(repr=False)
    nearest_site: NDArray[np.int64] = field(repr=False)
    snapped: Snapped = field(repr=False)


def snap(network: Network, sites: Sites, c: TravelConstants) -> Snapped:
    """Put sites on the nearest settlement, with access time.

    Raises
    ------
    InputError
        No site is near any settlement.
    """
    chord, at = cKDTree(network.settlements.xyz).query(to_sphere(sites.lon, sites.lat))
    km = chord_to_arc(chord)
    near = km <= c.access_max_km
    if not near.any():
        raise InputError(
            f"facilities: none of {len(sites)} lies within {c.access_max_km:g} km of a settlement; "
            f"the first is at lon {sites.lon[0]:g}, lat {sites.lat[0]:g}. "
            "Europe's longitudes are about -25 to 45, its latitudes 34 to 72."
        )
    keep = np.flatnonzero(near)
    return Snapped(
        sites.take(keep), at[keep].astype(np.int64), access_minutes(km[keep], c), sites.ids[~near]
    )


def capacities(sites: Sites) -> tuple[NDArray[np.float64], str]:
    """Capacities to share, and on what basis: missing is not zero.

    One missing capacity makes all count one per site, since beds and sites
    cannot be added up.
    """
    known = ~np.isnan(sites.capacity)
    if known.all():
        return sites.capacity, "capacity"
    missing = int((~known).sum())
    return np.ones(len(sites)), f"one per site ({missing} of {len(sites)} capacities are missing)"


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
    snapped = snap(network, sites, travel)
    capacity, basis = capacities(snapped.sites)
    nodes = network.settlements
    tally = Tally(nodes.population, capacity, limits)
    _, country = np.unique(nodes.country.astype(str), return_inverse=True)
    _add_pairs(network, snapped, tally, country if domestic else None)
    _complete_nearest(network, snapped, tally, country if domestic else None)
    table = reach_table(nodes.geonameid, snapped.sites.ids, tally)
    return Reach(
        table,
        basis,
        snapped.set_aside,
        int((~tally.has_demand["e2sfca"]).sum()),
        tally.nearest_min,
        tally.nearest_site,
        snapped,
    )


def _add_pairs(network: Network, snapped: Snapped, tally: Tally, country: NDArray | None) -> None:
    """Feed all pairs within the far limit to the tally, tile by tile."""
    nodes = network.settlements
    xy = to_plane(nodes.lon, nodes.lat)
    order = np.argsort(snapped.at, kind="stable")
    ranked = snapped.at[order]
    limit = tally.limits[-1]
    for sources, near, minutes in pairs_within(
        network.graph, xy, np.unique(snapped.at), limit, fastest(network.graph, xy)
    ):
        row, column = np.nonzero(minutes <= limit)
        first = np.searchsorted(ranked, sources)
        count = np.searchsorted(ranked, sources, "right") - first
        # Each pair of nodes stands for as many pairs as there are sites at the source.
        times = count[row]
        nth = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
        row, column = np.repeat(row, times), np.repeat(column, times)
        site = order[first[row] + nth]
        origin = near[column]
        total = minutes[row, column] + snapped.minutes[site]
        if country is not None:
            same = country[origin] == country[snapped.at[site]]
            origin, site, total = origin[same], site[same], total[same]
        tally.add(origin, site, total)


def _complete_nearest(
    network: Network, snapped: Snapped, tally: Tally, country: NDArray | None
) -> None:
    """Find the nearest sites of those who have fewer than k within the far limit."""
    if country is None:
        found = (tally.nearest_min, tally.nearest_site)
        k = tally.nearest_min.shape[1]
        minutes, site = k_nearest(network.graph, snapped.at, snapped.minutes, k, settled=found)
        tally.nearest_min[:], tally.nearest_site[:] = minutes, site
        return
    nodes = network.settlements
    xy = to_plane(nodes.lon, nodes.lat)
    at_home = country[snapped.at]
    for home in np.unique(at_home):
        own = np.flatnonzero(country == home)
        if (tally.nearest_site[own] >= 0).all():
            continue
        low, high = xy[own].min(axis=0), xy[own].max(axis=0)
        margin = _DOMESTIC_MARGIN_KM
        part = np.flatnonzero(((xy >= low - margin) & (xy <= high + margin)).all(axis=1))
        mine = np.flatnonzero(at_home == home)
        minutes, site = k_nearest(
            network.graph[part][:, part],
            np.searchsorted(part, snapped.at[mine]),
            snapped.minutes[mine],
            tally.nearest_min.shape[1],
        )
        here = np.searchsorted(part, own)
        tally.nearest_min[own] = minutes[here]
        tally.nearest_site[own] = np.where(site[here] >= 0, mine[site[here]], -1)


def reach_table(geonameid: NDArray, site_ids: NDArray, tally: Tally) -> pa.Table:
    """Turn a tally into the columns of :func:`reach`."""
    nearest, which = tally.nearest_min[:, 0], tally.nearest_site[:, 0]
    missing = which < 0
    names = np.where(missing, None, site_ids[np.maximum(which, 0)])
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

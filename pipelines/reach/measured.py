"""Ways that a routing engine measured, in place of the estimated ones of the same pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.reach.access import Tally
from pipelines.reach.sites import Snapped
from pipelines.travel.beyond import same_destinations
from pipelines.travel.network import Network
from pipelines.travel.paths import k_nearest

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Pairs = tuple[Ints, Ints, Floats]


@dataclass(frozen=True, slots=True)
class MeasuredPairs:
    """Pairs of settlement and site with a measured way, each once.

    Attributes
    ----------
    origin : ndarray, shape (p,)
        Node of the network.
    site : ndarray, shape (p,)
        Position in the sites of one service.
    minutes : ndarray, shape (p,)
    n : int
        Nodes of the network.
    """

    origin: Ints
    site: Ints
    minutes: Floats
    n: int

    @classmethod
    def of(
        cls, minutes: pa.Table, countries: pa.Table, network: Network, snapped: Snapped
    ) -> MeasuredPairs:
        """Pick the pairs of one service from the stored matrices.

        Parameters
        ----------
        minutes : Table
            ``origin_id, destination_id, mode, minutes``.
        countries : Table
            ``country, is_measured``: whose settlements count as origins.
        network : Network
        snapped : Snapped
        """
        covered = countries.filter(countries["is_measured"])["country"].to_pylist()
        nodes = network.settlements
        is_origin = np.isin(nodes.country.astype(str), covered)
        origins = pa.array(np.where(is_origin, nodes.geonameid, -1), pa.int64())
        ids = pa.array(snapped.sites.ids.tolist(), pa.string())
        rows = minutes.filter(pc.equal(minutes["mode"], "car"))
        origin = _positions(rows["origin_id"].cast(pa.int64()), origins)
        site = _positions(rows["destination_id"], ids)
        known = np.flatnonzero((origin >= 0) & (site >= 0))
        known = known[np.argsort(site[known] * len(nodes) + origin[known])]
        values = rows["minutes"].to_numpy().astype(float)
        return cls(origin[known], site[known], values[known], len(nodes))

    def __len__(self) -> int:
        return len(self.origin)

    def holds(self, origin: Ints, site: Ints) -> NDArray[np.bool_]:
        """Tell which pairs are measured; a site of −1 is none."""
        if not len(self):
            return np.zeros(len(origin), dtype=bool)
        keys, keys_of_pairs = self.site * self.n + self.origin, site * self.n + origin
        place = np.minimum(np.searchsorted(keys, keys_of_pairs), len(keys) - 1)
        held: NDArray[np.bool_] = (keys[place] == keys_of_pairs) & (site >= 0)
        return held

    def of_sites(self, sites: Ints, limit: float) -> Pairs:
        """Return the pairs of some sites within a limit of minutes."""
        rows = np.isin(self.site, sites) & (self.minutes <= limit)
        return self.origin[rows], self.site[rows], self.minutes[rows]

    def replace(self, pairs: Pairs, limit: float) -> Pairs:
        """Put the measured ways of these pairs' sites in place of the estimated ones.

        Parameters
        ----------
        pairs : tuple of ndarray
            Origin, site and minutes: all pairs of their sites within the limit.
        limit : float
        """
        if not len(self):
            return pairs
        origin, site, minutes = pairs
        estimated = ~self.holds(origin, site)
        own = self.of_sites(np.unique(site), limit)
        return (
            np.concatenate([origin[estimated], own[0]]),
            np.concatenate([site[estimated], own[1]]),
            np.concatenate([minutes[estimated], own[2]]),
        )


def put_nearest(network: Network, snapped: Snapped, tally: Tally, measured: MeasuredPairs) -> None:
    """Find the nearest sites of the measured origins anew.

    They are the nearest of both: of the sites that a matrix holds by its minutes, of all
    others by the estimate.
    """
    k = tally.nearest_min.shape[1]
    for origins, held in same_destinations(measured.origin, measured.site):
        others = np.setdiff1d(np.arange(len(snapped.sites)), held)
        minutes, site = k_nearest(network.graph, snapped.node[others], snapped.minutes[others], k)
        tally.nearest_min[origins] = minutes[origins]
        named = np.append(others, -1)  # what is not reached is −1, and takes the last
        tally.nearest_site[origins] = named[site[origins]]
    if len(measured):
        tally.keep_nearest(measured.origin, measured.site, measured.minutes)


def domestic_minutes(
    minutes: Floats,
    is_abroad: NDArray[np.bool_],
    same_country: NDArray[np.bool_],
    measured: MeasuredPairs,
) -> Floats:
    """Return minutes to the nearest site of the own country, by the matrix where it holds one.

    Parameters
    ----------
    minutes : ndarray, shape (n,)
        By the estimate, where the nearest site is abroad.
    is_abroad : ndarray of bool, shape (n,)
        Whether it is.
    same_country : ndarray of bool, shape (p,)
        Whether a measured pair's site stands in its origin's country.
    measured : MeasuredPairs
    """
    own = np.full(len(minutes), np.inf)
    np.minimum.at(own, measured.origin[same_country], measured.minutes[same_country])
    return np.where(is_abroad & np.isfinite(own), own, minutes)


def _positions(column: pa.ChunkedArray, known: pa.Array) -> Ints:
    index = pc.index_in(column, value_set=known)
    positions: Ints = pc.fill_null(index, -1).to_numpy().astype(np.int64)
    return positions

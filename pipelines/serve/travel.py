"""Answers that need the network: minutes around a town, what if.

The network and the nearest sites come from the published database; nothing is built.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.core.errors import InputError
from pipelines.reach.engine import NearestSites
from pipelines.reach.models import sites_of
from pipelines.reach.sites import Snapped
from pipelines.reach.whatif import WhatIf
from pipelines.serve.reach import network, travel_constants
from pipelines.serve.store import Store
from pipelines.travel.ends import trip_minutes
from pipelines.travel.network import Network
from pipelines.travel.paths import from_one


def position(net: Network, geonameid: int) -> int:
    """Return the node of a settlement.

    Raises
    ------
    InputError
        The settlement is not in the network.
    """
    ids = net.settlements.geonameid
    index = int(np.searchsorted(ids, geonameid))
    if index == len(ids) or ids[index] != geonameid:
        raise InputError(f"town: {geonameid} is not a settlement of the network")
    return index


def minutes_around(store: Store, geonameid: int) -> pd.Series:
    """Minutes of a trip from each settlement to one, in map order; missing where there is none."""
    net = network(store)
    there, people = position(net, geonameid), net.settlements.road_population
    ways = from_one(net.graph, there)
    minutes = trip_minutes(ways, people, people[there], travel_constants(store))
    return pd.Series(np.where(np.isfinite(minutes), minutes, np.nan))


@dataclass(frozen=True)
class Scenario:
    """What-if of one service.

    Attributes
    ----------
    what_if : WhatIf
    is_covered : ndarray of bool, shape (n,)
        Whether the service's own sites are known in the settlement's region.
    """

    what_if: WhatIf
    is_covered: NDArray[np.bool_]

    def ask(self, close: Iterable[str], open_in: Iterable[int] = ()) -> pd.DataFrame:
        """Compare before and after; see :meth:`pipelines.reach.whatif.WhatIf.ask`.

        Parameters
        ----------
        close : ids of sites
        open_in : geonameids of settlements in which a site opens

        Returns
        -------
        DataFrame
            Settlements whose minutes are known and change, with ``position`` in the map's order.
        """
        net = self.what_if.network
        positions = [position(net, town) for town in open_in]
        nodes = net.settlements
        return self.ask_at(close, [(float(nodes.lon[i]), float(nodes.lat[i])) for i in positions])

    def ask_at(
        self,
        close: Iterable[str],
        open_at: Iterable[tuple[float, float]] = (),
        *,
        with_unchanged: bool = False,
    ) -> pd.DataFrame:
        """Compare before and after where sites open at points (lon, lat in EPSG:4326)."""
        ids = self.what_if.network.settlements.geonameid
        changes: pd.DataFrame = self.what_if.ask(
            close, open_at, with_unchanged=with_unchanged
        ).to_pandas()
        changes["position"] = np.searchsorted(ids, changes["geonameid"])
        return changes[self.is_covered[changes["position"]]].reset_index(drop=True)


def scenario(store: Store, service: str) -> Scenario:
    """Return the what-if of a service, prepared once a database."""
    return store.memo(("scenario", service), lambda: _scenario(store, network(store), service))


def _scenario(store: Store, net: Network, service: str) -> Scenario:
    """Prepare the what-if of a service from the stored nearest sites."""
    sites = store.arrow(
        "select site_id, lon, lat, capacity, geonameid, access_min from marts.service_sites "
        "where service = ? and geonameid is not null order by site_id",
        [service],
    )
    if not sites.num_rows:
        raise InputError(f"service: '{service}' has no sites in this database")
    known = store.arrow(
        "select nearest_id, second_id, third_id, minutes_nearest, minutes_second, minutes_third "
        "from indicators.ind_settlement__access where service = ? order by geonameid",
        [service],
    )
    order = sites["site_id"].combine_chunks()
    site = np.column_stack(
        [
            pc.fill_null(pc.index_in(known[c], order), -1).to_numpy()
            for c in ("nearest_id", "second_id", "third_id")
        ]
    ).astype(np.int64)
    minutes = np.column_stack(
        [
            pc.fill_null(known[c], np.inf).to_numpy()
            for c in ("minutes_nearest", "minutes_second", "minutes_third")
        ]
    )
    nodes = np.searchsorted(net.settlements.geonameid, sites["geonameid"].to_numpy())
    snapped = Snapped(
        sites=sites_of(sites),
        node=nodes,
        minutes=sites["access_min"].to_numpy(),
        excluded=np.array([], dtype=object),
    )
    nearest = NearestSites(minutes=minutes, site=site, snapped=snapped)
    # Where the register lacks a region's own sites, the way to others is no minutes of the place.
    covered = store.arrow(
        "select geonameid from marts.access where service = ? and coverage = 'covered'", [service]
    )["geonameid"].to_numpy()
    is_covered = np.isin(net.settlements.geonameid, covered)
    return Scenario(WhatIf(net, nearest, travel_constants(store)), is_covered)

"""What if a facility closed, or a new one opened: who loses or gains how much time.

Nothing is rebuilt. Each settlement's few nearest sites are known; a removal
looks one place further down the list, an addition is a single search.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from pipelines.core.errors import InputError
from pipelines.reach.engine import NearestSites
from pipelines.reach.sites import Sites, snap
from pipelines.travel.constants import TravelConstants
from pipelines.travel.network import Network
from pipelines.travel.paths import nearest

#: Stands for the first added site where a site's position would stand; -3 for the second, ...
NEW = -2


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Answers questions about changed sets of facilities.

    Attributes
    ----------
    network : Network
    nearest : NearestSites
        Of the facilities as they are.
    travel : TravelConstants
    """

    network: Network
    nearest: NearestSites
    travel: TravelConstants

    def ask(
        self,
        remove: Iterable[str] = (),
        add: Iterable[tuple[float, float]] = (),
        *,
        with_unchanged: bool = False,
    ) -> pa.Table:
        """Compare minutes to the nearest facility before and after a change.

        Parameters
        ----------
        remove : ids of facilities that close
        add : (lon, lat) of facilities that open, EPSG:4326
        with_unchanged : bool
            Whether settlements of which a nearest facility closes are rows too where another is
            as near, and those in which one closes.

        Returns
        -------
        Table
            Settlements whose time changes: ``geonameid, population,
            minutes_before, minutes_after, change_min, nearest_before,
            nearest_after, added_after, closed``. NULL minutes where none is reached; where an
            added one is nearest, ``nearest_after`` is NULL and ``added_after`` its number from
            0. ``closed`` is the facility that closes and was nearest, or as near as it.

        Raises
        ------
        InputError
            An id is not among the facilities, or an added place is near no settlement.
        """
        before, site = self.nearest.minutes[:, 0], self.nearest.site[:, 0]
        gone = self._positions(remove)
        after, after_site = self._without(gone)
        closed = self._closed(gone)
        for number, (lon, lat) in enumerate(add):
            minutes = self._to_new(lon, lat)
            closer = minutes < after
            after = np.where(closer, minutes, after)
            after_site = np.where(closer, NEW - number, after_site)
        differs = (before != after) & ~(np.isinf(before) & np.isinf(after))
        if with_unchanged:
            differs |= closed >= 0
            differs[self.nearest.snapped.node[gone]] = True
        rows = np.flatnonzero(differs)
        table = self._table(rows, before, after, site, after_site)
        return table.append_column("closed", self._names(closed[rows]))

    def _closed(self, gone: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which of some sites is a settlement's nearest, ties included; -1: none."""
        minutes, site = self.nearest.minutes, self.nearest.site
        ties = (site >= 0) & (minutes == minutes[:, :1]) & np.isin(site, gone)
        first = site[np.arange(len(site)), np.argmax(ties, axis=1)]
        return np.where(ties.any(axis=1), first, -1)

    def _names(self, which: NDArray[Any]) -> pa.Array:
        ids = self.nearest.snapped.sites.ids
        return pa.array([ids[i] if i >= 0 else None for i in which], pa.string())

    def _positions(self, ids: Iterable[str]) -> NDArray[np.int64]:
        names = self.nearest.snapped.sites.ids
        known = {name: i for i, name in enumerate(names.tolist())}
        positions = []
        for name in ids:
            if name not in known:
                raise InputError(
                    f"facilities: no facility has the id '{name}' (there are {len(names)})"
                )
            positions.append(known[name])
        return np.array(positions, dtype=np.int64)

    def _without(self, gone: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Nearest minutes and sites when some sites are gone."""
        minutes, site = self.nearest.minutes, self.nearest.site
        left = (site >= 0) & ~np.isin(site, gone)
        rank = np.argmax(left, axis=1)
        row = np.arange(len(site))
        sure = left[row, rank]
        best = np.where(sure, minutes[row, rank], np.inf)
        which = np.where(sure, site[row, rank], -1)
        # All of the known nearest are gone, and there may be others further out.
        lost = np.flatnonzero(~sure & (site[:, 0] >= 0))
        if len(lost):
            best[lost], which[lost] = self._beyond(lost, best, which, gone)
        return best, which

    def _beyond(
        self, lost: NDArray[Any], best: NDArray[Any], which: NDArray[Any], gone: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Search on from the rim of the settlements whose known sites are all gone.

        The times at the rim are final, and no way from inside to a site outside
        avoids it; sites inside the area are added as they are.
        """
        graph, snapped = self.network.graph, self.nearest.snapped
        inside = np.full(graph.shape[0], -1, dtype=np.int64)
        inside[lost] = np.arange(len(lost))
        edges = graph[lost].tocoo()
        rim = (inside[edges.col] < 0) & np.isfinite(best[edges.col])
        stay = np.setdiff1d(np.flatnonzero(inside[snapped.node] >= 0), gone)
        start_nodes = np.concatenate([edges.row[rim], inside[snapped.node[stay]]])
        minutes = np.concatenate([edges.data[rim] + best[edges.col[rim]], snapped.minutes[stay]])
        target = np.concatenate([which[edges.col[rim]], stay])
        times, nth = nearest(graph[lost][:, lost], start_nodes, minutes)
        return times, np.where(nth >= 0, target[nth], -1) if len(target) else nth

    def _to_new(self, lon: float, lat: float) -> NDArray[np.float64]:
        """Minutes of every settlement to a new site."""
        site = Sites(
            np.array(["new"], dtype=object), np.array([lon]), np.array([lat]), np.array([np.nan])
        )
        snapped = snap(self.network, site, self.travel)
        minutes: NDArray[np.float64] = dijkstra(self.network.graph, indices=int(snapped.node[0]))
        return minutes + float(snapped.minutes[0])

    def _table(
        self,
        rows: NDArray[Any],
        before: NDArray[Any],
        after: NDArray[Any],
        site: NDArray[Any],
        after_site: NDArray[Any],
    ) -> pa.Table:
        nodes = self.network.settlements

        def minutes(values: NDArray[Any]) -> pa.Array:
            return pa.array(values, mask=~np.isfinite(values))

        people = nodes.population[rows]
        added = NEW - after_site[rows]
        with np.errstate(invalid="ignore"):
            change = after[rows] - before[rows]
        return pa.table(
            {
                "geonameid": nodes.geonameid[rows],
                "population": pa.array(people, mask=np.isnan(people)),
                "minutes_before": minutes(before[rows]),
                "minutes_after": minutes(after[rows]),
                "change_min": minutes(change),
                "nearest_before": self._names(site[rows]),
                "nearest_after": self._names(after_site[rows]),
                "added_after": pa.array(added, mask=added < 0),
            }
        )

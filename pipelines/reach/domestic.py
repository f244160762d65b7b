"""Ways to facilities of the own country only: what a border adds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from pipelines.geo.projection import to_plane
from pipelines.travel.network import Network
from pipelines.travel.paths import nearest

if TYPE_CHECKING:
    from pipelines.reach.engine import NearestSites

_MARGIN_KM = 100.0  # a domestic way may lead this far round the country's own extent


def country_codes(network: Network) -> NDArray[np.int64]:
    """Return a number for the country of each settlement."""
    return np.unique(network.settlements.country.astype(str), return_inverse=True)[1]


@dataclass(frozen=True, slots=True)
class Area:
    """A country and what lies round it.

    Attributes
    ----------
    own : ndarray
        The country's settlements.
    inside : ndarray, shape (n,)
        Position in ``graph`` of each settlement; −1 outside.
    graph : csr_array
    """

    own: NDArray[np.int64]
    inside: NDArray[np.int64]
    graph: csr_array


class Domestic:
    """Searches country by country; each country's part of the network is cut out once."""

    def __init__(self, network: Network, country: NDArray[np.int64] | None = None) -> None:
        nodes = network.settlements
        self.network = network
        self.country = country_codes(network) if country is None else country
        self.xy = to_plane(nodes.lon, nodes.lat)
        self._cut: dict[int, Area] = {}

    def area(self, home: int) -> Area:
        """Return the part of the network that a domestic way may pass."""
        if home not in self._cut:
            own = np.flatnonzero(self.country == home)
            low, high = self.xy[own].min(axis=0) - _MARGIN_KM, self.xy[own].max(axis=0) + _MARGIN_KM
            part = np.flatnonzero(((self.xy >= low) & (self.xy <= high)).all(axis=1))
            inside = np.full(len(self.xy), -1, dtype=np.int64)
            inside[part] = np.arange(len(part))
            self._cut[home] = Area(own, inside, self.network.graph[part][:, part])
        return self._cut[home]

    def areas(self, nodes: NDArray[np.int64]) -> Iterator[tuple[int, Area]]:
        """Yield the areas of the countries in which sites stand.

        Parameters
        ----------
        nodes : ndarray
            Settlement of each site.
        """
        for home in np.unique(self.country[nodes]).tolist():
            yield home, self.area(home)

    def nearest(self, sites: NearestSites) -> NDArray[np.float64]:
        """Minutes to the nearest site of the own country; infinity where there is none.

        Only countries of which some settlement has its nearest site abroad are searched.
        """
        site, snapped = sites.site[:, 0], sites.snapped
        at_home = self.country[snapped.node]
        abroad = (site >= 0) & (at_home[np.maximum(site, 0)] != self.country)
        minutes = np.where(abroad, np.inf, sites.minutes[:, 0])
        for home in np.unique(self.country[abroad]).tolist():
            mine = np.flatnonzero(at_home == home)
            if not len(mine):
                continue
            area = self.area(home)
            ways, _ = nearest(area.graph, area.inside[snapped.node[mine]], snapped.minutes[mine])
            origin = area.own[abroad[area.own]]
            minutes[origin] = ways[area.inside[origin]]
        return minutes

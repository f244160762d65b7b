"""The settlement network: who is joined to whom, and how long it takes by car.

Nodes are settlements. Neighbours come from the Delaunay triangulation in
EPSG:3035: local roads join them. Links over water, across a barrier or a closed
border are dropped. Ways by main roads (:mod:`pipelines.travel.ways`) and documented
crossings are added; where islands remain, the shortest ferries join what is left.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from pipelines.core.errors import InputError
from pipelines.geo.projection import to_plane
from pipelines.geo.sphere import arc_km
from pipelines.travel import speeds
from pipelines.travel.constants import TravelConstants
from pipelines.travel.crossings import (
    KINDS,
    ROAD,
    Links,
    Seeds,
    crosses_barrier,
    crosses_closed_border,
    seed_links,
)
from pipelines.travel.islands import join_islands
from pipelines.travel.land import Land
from pipelines.travel.proximity import Pairs, delaunay
from pipelines.travel.settlements import Settlements
from pipelines.travel.ways import way_links


@dataclass(frozen=True, slots=True)
class Network:
    """Settlements and the minutes of the links between them.

    Attributes
    ----------
    settlements : Settlements
    links : Links
        Undirected; each pair once.
    graph : csr_array, shape (n, n)
        Symmetric minutes.
    landmass : ndarray, shape (n,)
        Which piece of land each settlement stands on; −1 where none is near.
    crossings_left_out : list of str
        Documented crossings that could not be used.
    """

    settlements: Settlements
    links: Links
    graph: csr_array
    landmass: NDArray[np.int64]
    crossings_left_out: list[str]

    @classmethod
    def from_links(
        cls,
        settlements: Settlements,
        links: Links,
        landmass: NDArray[np.int64] | None = None,
        left_out: list[str] | None = None,
    ) -> Network:
        """Assemble a network; of several links of one pair the quickest counts."""
        n = len(settlements)
        low, high = np.minimum(links.a, links.b), np.maximum(links.a, links.b)
        order = np.lexsort((links.minutes, high, low))
        low, high = low[order], high[order]
        first = np.ones(len(low), dtype=bool)
        first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
        pick = order[first]
        quickest = Links(low[first], high[first], links.minutes[pick], links.kind[pick])
        # Zero would mean "no link" to the sparse routines: two places at one spot are a moment.
        minutes = np.maximum(quickest.minutes, 1e-3)
        graph = csr_array(
            (
                np.concatenate([minutes, minutes]),
                (
                    np.concatenate([quickest.a, quickest.b]),
                    np.concatenate([quickest.b, quickest.a]),
                ),
            ),
            shape=(n, n),
        )
        where = np.zeros(n, dtype=np.int64) if landmass is None else landmass
        return cls(settlements, quickest, graph, where, left_out or [])

    def components(self) -> NDArray[np.int64]:
        """Number of the connected part that each settlement belongs to."""
        part: NDArray[np.int64] = connected_components(self.graph, directed=False)[1]
        return part

    def links_table(self) -> pa.Table:
        """Links as ``from_id, to_id, minutes, kind``, to be stored and drawn."""
        ids = self.settlements.geonameid
        return pa.table(
            {
                "from_id": ids[self.links.a],
                "to_id": ids[self.links.b],
                "minutes": self.links.minutes,
                "kind": np.array(KINDS)[self.links.kind],
            }
        )


def network_from_table(settlements: pa.Table, links: pa.Table) -> Network:
    """Rebuild a network from stored links (:meth:`Network.links_table`)."""
    nodes = Settlements.from_table(settlements)
    order = np.argsort(nodes.geonameid)
    ranked = nodes.geonameid[order]

    def index(name: str) -> NDArray[np.int64]:
        ids = links[name].to_numpy(zero_copy_only=False)
        position = np.minimum(np.searchsorted(ranked, ids), len(ranked) - 1)
        if len(ids) and not (ranked[position] == ids).all():
            stray = ids[ranked[position] != ids][0]
            raise InputError(f"links: {name} {stray} is not among the settlements")
        positions: NDArray[np.int64] = order[position]
        return positions

    kind = pc.index_in(links["kind"], pa.array(KINDS)).to_numpy().astype(np.int8)
    minutes = links["minutes"].to_numpy(zero_copy_only=False).astype(float)
    return Network.from_links(nodes, Links(index("from_id"), index("to_id"), minutes, kind))


def build_network(
    settlements: pa.Table,
    nuts: pa.Table,
    neighbours: pa.Table,
    seeds: Seeds,
    c: TravelConstants,
    ways: pa.Table | None = None,
    land: Land | None = None,
) -> Network:
    """Build the network of all settlements.

    Parameters
    ----------
    settlements : Table, see :meth:`Settlements.from_table`
    nuts, neighbours : Table, see :meth:`Land.from_tables`
    seeds : Seeds
    c : TravelConstants
    ways : Table, optional
        Ways by main roads, see :func:`pipelines.travel.ways.derive_ways`.
    land : Land, optional
        Made of ``nuts`` and ``neighbours`` before; else it is made here.

    Returns
    -------
    Network
        Connected, but for islands further than ``ferry_max_km`` from others.
    """
    nodes = Settlements.from_table(settlements)
    lon_lat = np.column_stack([nodes.lon, nodes.lat])
    xy = to_plane(nodes.lon, nodes.lat)
    with ThreadPoolExecutor(1) as beside:
        # The triangulation and what is done meanwhile both run outside Python's lock.
        mesh = beside.submit(delaunay, xy)
        if land is None:
            land = Land.from_tables(nuts, neighbours, lon_lat, c.land_least_per_1000km2)
        landed, landmass = land.land_points(xy, c.landing_max_km)
        terrain = speeds.Terrain.of(nodes.xyz, nodes.elevation_m, c)

    def is_open(pairs: Pairs) -> NDArray[np.bool_]:
        a, b = pairs.T
        dry = land.water_gap_km(landed[a], landed[b]) <= c.water_gap_max_km
        return (
            dry
            & ~crosses_barrier(seeds.barriers, landed[a], landed[b])
            & ~crosses_closed_border(seeds.closed_borders, nodes.country, a, b)
        )

    def roads(pairs: Pairs) -> Links:
        return road_links(nodes, terrain, pairs, c)

    pairs = mesh.result()
    usable = is_open(pairs)
    documented, left_out = seed_links(seeds.crossings, nodes.xyz, landmass, c)
    parts = [roads(pairs[usable]), documented]
    if ways is not None:
        main = way_links(nodes, ways, c)
        shut = crosses_closed_border(seeds.closed_borders, nodes.country, main.a, main.b)
        parts.append(main.take(np.flatnonzero(~shut)))
    links = Links.join(parts)
    links = join_islands(nodes.xyz, landmass, links, pairs[~usable], is_open, roads, c)
    return Network.from_links(nodes, links, landmass, left_out)


def road_links(
    nodes: Settlements, terrain: speeds.Terrain, pairs: Pairs, c: TravelConstants
) -> Links:
    """Minutes by local roads of pairs of settlements."""
    a, b = pairs.T
    length = arc_km(nodes.xyz, a, b)
    minutes = speeds.link_minutes(length, terrain.elevation[a] - terrain.elevation[b], c)
    return Links(a, b, minutes, np.full(len(a), ROAD, dtype=np.int8))

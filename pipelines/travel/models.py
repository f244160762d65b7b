"""Python models that ``sql/`` names: tables in, one table out.

Each takes the tables of its sidecar's ``inputs`` and nothing else, so that the
runner can order and check it like a SQL model.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.core.thresholds import Thresholds
from pipelines.travel.constants import TravelConstants
from pipelines.travel.crossings import Seeds
from pipelines.travel.land import Land
from pipelines.travel.network import Network, build_network, network_from_table
from pipelines.travel.remoteness import SizeSteps, city_minutes, to_centres, travel_minutes
from pipelines.travel.roads import node_roads, on_known_land
from pipelines.travel.settlements import Settlements
from pipelines.travel.ways import derive_ways

Tables = Mapping[str, pa.Table]


NODES = "indicators.ind_settlement__node"
LINKS = "indicators.ind_settlement__links"
WAYS = "indicators.ind_settlement__ways"
CITIES = "indicators.ind_settlement__city"
THRESHOLDS = "seeds.thresholds"


def links(tables: Tables) -> pa.Table:
    """Links of the settlement network: ``from_id, to_id, minutes, kind``.

    Takes the nodes, the land (``staging.stg_gisco__nuts_2021``,
    ``staging.stg_naturalearth__land``), the seeds of crossings, barriers and
    closed borders, and the thresholds.
    """
    seeds = Seeds(
        tables["seeds.crossings"], tables["seeds.barriers"], tables["seeds.closed_borders"]
    )
    nodes = _with_road_population(tables[NODES])
    network = build_network(
        nodes,
        tables["staging.stg_gisco__nuts_2021"],
        tables["staging.stg_naturalearth__land"],
        seeds,
        TravelConstants.from_thresholds(Thresholds.of_table(tables[THRESHOLDS])),
        tables[WAYS],
    )
    return network.links_table()


def ways(tables: Tables) -> pa.Table:
    """Ways by main roads between neighbouring settlements.

    Takes the nodes, the roads (empty where they were not fetched), the embedded ways,
    the land, the seed of barriers and the thresholds. Columns of
    :func:`pipelines.travel.ways.derive_ways`.
    """
    nodes, roads = _with_road_population(tables[NODES]), tables["staging.stg_naturalearth__roads"]
    if not roads.num_rows:
        stored = tables["staging.stg_naturalearth__ways"]
        known = pc.is_in(stored["from_id"], nodes["geonameid"].combine_chunks().cast(pa.int64()))
        known = pc.and_(
            known, pc.is_in(stored["to_id"], nodes["geonameid"].combine_chunks().cast(pa.int64()))
        )
        return stored.filter(known)
    c = TravelConstants.from_thresholds(Thresholds.of_table(tables[THRESHOLDS]))
    settlements = Settlements.from_table(nodes)
    land = Land.from_tables(
        tables["staging.stg_gisco__nuts_2021"],
        tables["staging.stg_naturalearth__land"],
        np.column_stack([settlements.lon, settlements.lat]),
        c.land_least_per_1000km2,
    )
    layer = on_known_land(node_roads(roads, c), land, tables["seeds.barriers"], c)
    return derive_ways(settlements, layer, land, tables["seeds.barriers"], c, small_places=True)


def _with_road_population(nodes: pa.Table) -> pa.Table:
    """A part of a city is no town of its own, yet its roads are those of its people."""
    at = nodes.column_names.index("population")
    return nodes.set_column(at, "population", nodes["road_population"])


def _network(tables: Tables) -> Network:
    return network_from_table(tables[NODES], tables[LINKS])


def remoteness(tables: Tables) -> pa.Table:
    """Minutes to the nearest town of each size, to cities, and to a SNAI-style pole.

    Takes nodes, links, cities and thresholds. Columns of :func:`travel_minutes` and
    :func:`city_minutes`, and ``minutes_to_pole, nearest_pole_id``.
    """
    rows = Thresholds.of_table(tables[THRESHOLDS])
    c = TravelConstants.from_thresholds(rows)
    network = _network(tables)
    table = travel_minutes(network, SizeSteps.from_thresholds(rows), c)
    cities = city_minutes(network, tables[CITIES], c).drop_columns("geonameid")
    for name in cities.column_names:
        table = table.append_column(name, cities[name])
    minutes, ids = to_centres(network, rows["remoteness_snai_pole_population"], c)
    missing = ids < 0
    table = table.append_column("minutes_to_pole", pa.array(minutes, mask=missing))
    return table.append_column("nearest_pole_id", pa.array(ids, mask=missing))

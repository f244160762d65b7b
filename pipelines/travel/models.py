"""Python models that ``sql/`` names: tables in, one table out.

Each takes the tables of its sidecar's ``inputs`` and nothing else, so that the
runner can order and check it like a SQL model.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from pipelines.core.thresholds import Thresholds
from pipelines.travel.constants import TravelConstants
from pipelines.travel.crossings import Seeds
from pipelines.travel.network import Network, build_network, network_from_table
from pipelines.travel.remoteness import SizeSteps, city_minutes, to_centres, travel_minutes

Tables = Mapping[str, pa.Table]


NODES = "indicators.ind_settlement__node"
LINKS = "indicators.ind_settlement__links"
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
    nodes = tables[NODES]
    # A part of a city is no town of its own, yet its roads are those of its people.
    position = nodes.column_names.index("population")
    nodes = nodes.set_column(position, "population", nodes["road_population"])
    network = build_network(
        nodes,
        tables["staging.stg_gisco__nuts_2021"],
        tables["staging.stg_naturalearth__land"],
        seeds,
        TravelConstants.from_thresholds(Thresholds.of_table(tables[THRESHOLDS])),
    )
    return network.links_table()


def _network(tables: Tables) -> Network:
    return network_from_table(tables[NODES], tables[LINKS])


def remoteness(tables: Tables) -> pa.Table:
    """Minutes to the nearest town of each size, to cities, and to a SNAI-style pole.

    Takes nodes, links, cities and thresholds. Columns of :func:`travel_minutes` and
    :func:`city_minutes`, and ``minutes_to_pole, nearest_pole_id``.
    """
    rows = Thresholds.of_table(tables[THRESHOLDS])
    network = _network(tables)
    table = travel_minutes(network, SizeSteps.from_thresholds(rows))
    cities = city_minutes(network, tables[CITIES]).drop_columns("geonameid")
    for name in cities.column_names:
        table = table.append_column(name, cities[name])
    minutes, ids = to_centres(network, rows["remoteness_snai_pole_population"])
    missing = ids < 0
    table = table.append_column("minutes_to_pole", pa.array(minutes, mask=missing))
    return table.append_column("nearest_pole_id", pa.array(ids, mask=missing))

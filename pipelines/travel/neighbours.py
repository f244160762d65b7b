"""How many towns lie around each town, and of what weight: the ground of its role."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from pipelines.core.thresholds import Thresholds
from pipelines.geo.projection import to_plane
from pipelines.travel.constants import TravelConstants
from pipelines.travel.ends import trip_minutes
from pipelines.travel.network import Network, network_from_table
from pipelines.travel.paths import fastest, pairs_within


def count_neighbours(
    network: Network, least: float, reach: float, low: float, high: float, c: TravelConstants
) -> dict[str, np.ndarray]:
    """Count the towns in reach of each town.

    Parameters
    ----------
    network
        Settlements and the minutes between them.
    least
        Least population of a town (people).
    reach
        Minutes of a trip by car from the town to the other, inclusive.
    low, high
        Bounds of the ratio of populations within which two towns are of similar weight,
        inclusive.
    c
        Constants of the travel-time estimate.

    Returns
    -------
    dict
        ``position`` (of each town), ``towns``, ``similar`` and ``larger``, each of
        shape (t,); a town does not count itself.
    """
    people = np.nan_to_num(network.settlements.population, nan=-1.0)
    roads = network.settlements.road_population
    towns = np.flatnonzero(people >= least)
    place = np.full(len(people), -1)
    place[towns] = np.arange(len(towns))
    counts = {name: np.zeros(len(towns), dtype=np.int64) for name in ("towns", "similar", "larger")}
    xy = to_plane(network.settlements.lon, network.settlements.lat)
    speed = fastest(network.graph, xy)
    for sources, nodes, minutes in pairs_within(network.graph, xy, towns, reach, speed):
        others = np.flatnonzero(place[nodes] >= 0)
        left, entered = roads[sources][:, None], roads[nodes[others]][None, :]
        near = trip_minutes(minutes[:, others], left, entered, c) <= reach
        near &= nodes[others][None, :] != sources[:, None]
        ratio = people[nodes[others]][None, :] / people[sources][:, None]
        rows = place[sources]
        counts["towns"][rows] = near.sum(axis=1)
        counts["similar"][rows] = (near & (ratio >= low) & (ratio <= high)).sum(axis=1)
        counts["larger"][rows] = (near & (ratio > 1)).sum(axis=1)
    return {"position": towns, **counts}


def neighbours(tables: Mapping[str, pa.Table]) -> pa.Table:
    """Count the towns around each town (a Python model).

    Parameters
    ----------
    tables
        ``indicators.ind_settlement__node``, ``indicators.ind_settlement__links`` and
        ``seeds.thresholds``.
    """
    limits = Thresholds.of_table(tables["seeds.thresholds"])
    network = network_from_table(
        tables["indicators.ind_settlement__node"], tables["indicators.ind_settlement__links"]
    )
    counts = count_neighbours(
        network,
        limits["size_small_town_min"],
        limits["smst_reach_min"],
        limits["smst_similar_min"],
        limits["smst_similar_max"],
        TravelConstants.from_thresholds(limits),
    )
    return pa.table(
        {
            "geonameid": network.settlements.geonameid[counts["position"]],
            "towns_near": counts["towns"],
            "similar_towns_near": counts["similar"],
            "larger_towns_near": counts["larger"],
        }
    )

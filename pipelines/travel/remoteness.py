"""Minutes from every settlement to the nearest place of each size, and to the nearest city."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from pipelines.core.thresholds import Constants
from pipelines.travel.constants import TravelConstants
from pipelines.travel.ends import trip_minutes
from pipelines.travel.network import Network
from pipelines.travel.paths import nearest

#: What a size step is called in the columns, and the threshold that sets it.
STEPS = {
    "town": "town_population",
    "town_10k": "town10_population",
    "town_20k": "town20_population",
    "town_50k": "town50_population",
    "city_100k": "city100_population",
}
#: What a city is called in the columns, and the column of ``ind_settlement__city`` that picks them.
CITIES = {
    "city": None,
    "large_city": "is_large_city",
    "very_large_city": "is_very_large_city",
}


@dataclass(frozen=True, slots=True)
class SizeSteps(Constants):
    """Least populations of towns and cities (people)."""

    town_population: float
    town10_population: float
    town20_population: float
    town50_population: float
    city100_population: float

    @classmethod
    def prefix(cls) -> str:
        """Return ``remoteness_``."""
        return "remoteness_"


def to_centres(
    network: Network, least_population: float, c: TravelConstants
) -> tuple[np.ndarray, np.ndarray]:
    """Minutes to the nearest settlement of at least that size, and its geonameid.

    A settlement of that size is its own nearest, at 0 minutes. Where none is
    reached the time is infinity and the id −1.
    """
    nodes = network.settlements
    large = np.flatnonzero(np.nan_to_num(nodes.population, nan=-1.0) >= least_population)
    return to_nodes(network, large, c)


def to_nodes(
    network: Network, targets: np.ndarray, c: TravelConstants
) -> tuple[np.ndarray, np.ndarray]:
    """Minutes to the nearest of these nodes, and its geonameid (−1 where none is reached)."""
    nodes = network.settlements
    # Of two at the same time the larger wins, then the smaller id.
    targets = targets[np.lexsort((nodes.geonameid[targets], -nodes.population[targets]))]
    # The ends of a trip cost by the place entered alone, so the search may begin with them.
    begin = trip_minutes(np.nextafter(0, 1), np.nan, nodes.road_population[targets], c)
    minutes, which = nearest(network.graph, targets, begin)
    minutes[targets], which[targets] = 0.0, np.arange(len(targets))
    ids = np.full(len(nodes), -1, dtype=np.int64)
    ids[which >= 0] = nodes.geonameid[targets[which[which >= 0]]]
    return minutes, ids


def travel_minutes(network: Network, steps: SizeSteps, c: TravelConstants) -> pa.Table:
    """Return the remoteness columns of all settlements.

    Returns
    -------
    Table
        ``geonameid``; for each step of :data:`STEPS` ``minutes_to_<step>`` and
        ``nearest_<step>_id``. NULL where no such place can be reached.
    """
    columns: dict[str, pa.Array] = {"geonameid": pa.array(network.settlements.geonameid)}
    assert set(STEPS.values()) == {f.name for f in fields(steps)}  # noqa: S101
    for step, name in STEPS.items():
        minutes, ids = to_centres(network, getattr(steps, name), c)
        columns |= _columns(step, minutes, ids)
    return pa.table(columns)


def city_minutes(network: Network, cities: pa.Table, c: TravelConstants) -> pa.Table:
    """Return minutes to the nearest city, large city and very large city of all settlements.

    Cities of all countries count for everyone.

    Parameters
    ----------
    network : Network
    cities : Table
        ``geonameid, city_basis, is_large_city, is_very_large_city``; a city that is no
        settlement of the network counts nowhere.
    c : TravelConstants

    Returns
    -------
    Table
        ``geonameid``; ``minutes_to_<city>`` and ``nearest_<city>_id`` for each of
        :data:`CITIES`; ``city_basis`` of the nearest city. NULL where none can be reached.
    """
    columns: dict[str, pa.Array] = {"geonameid": pa.array(network.settlements.geonameid)}
    for step, flag in CITIES.items():
        ids = (cities if flag is None else cities.filter(cities[flag]))["geonameid"].to_numpy()
        targets = np.flatnonzero(np.isin(network.settlements.geonameid, ids))
        columns |= _columns(step, *to_nodes(network, targets, c))
    basis = dict(
        zip(cities["geonameid"].to_pylist(), cities["city_basis"].to_pylist(), strict=True)
    )
    nearest_ids = columns["nearest_city_id"].to_pylist()
    columns["city_basis"] = pa.array([basis.get(i) for i in nearest_ids], pa.string())
    return pa.table(columns)


def _columns(step: str, minutes: np.ndarray, ids: np.ndarray) -> dict[str, pa.Array]:
    missing = ~np.isfinite(minutes)
    return {
        f"minutes_to_{step}": pa.array(minutes, mask=missing),
        f"nearest_{step}_id": pa.array(ids, mask=missing),
    }

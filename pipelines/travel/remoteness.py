"""Minutes from every settlement to the nearest place of each size."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from pipelines.core.thresholds import Constants
from pipelines.travel.network import Network
from pipelines.travel.paths import nearest

#: What a size step is called in the columns, and the threshold that sets it.
STEPS = {
    "town": "town_population",
    "town_10k": "town10_population",
    "town_20k": "town20_population",
    "city": "city_population",
    "city_100k": "city100_population",
    "large_city": "large_city_population",
    "very_large_city": "oecd_large_population",
}


@dataclass(frozen=True, slots=True)
class SizeSteps(Constants):
    """Least populations of towns and cities (people)."""

    town_population: float
    town10_population: float
    town20_population: float
    city_population: float
    city100_population: float
    large_city_population: float
    oecd_large_population: float

    @classmethod
    def prefix(cls) -> str:
        """Return ``remoteness_``."""
        return "remoteness_"


def to_centres(network: Network, least_population: float) -> tuple[np.ndarray, np.ndarray]:
    """Minutes to the nearest settlement of at least that size, and its geonameid.

    A settlement of that size is its own nearest, at 0 minutes. Where none is
    reached the time is infinity and the id −1.
    """
    nodes = network.settlements
    large = np.flatnonzero(np.nan_to_num(nodes.population, nan=-1.0) >= least_population)
    # Of two at the same time the larger wins, then the smaller id.
    large = large[np.lexsort((nodes.geonameid[large], -nodes.population[large]))]
    minutes, which = nearest(network.graph, large)
    ids = np.full(len(nodes), -1, dtype=np.int64)
    ids[which >= 0] = nodes.geonameid[large[which[which >= 0]]]
    return minutes, ids


def travel_minutes(network: Network, steps: SizeSteps) -> pa.Table:
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
        minutes, ids = to_centres(network, getattr(steps, name))
        missing = ~np.isfinite(minutes)
        columns[f"minutes_to_{step}"] = pa.array(minutes, mask=missing)
        columns[f"nearest_{step}_id"] = pa.array(ids, mask=missing)
    return pa.table(columns)

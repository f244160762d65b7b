"""Python models that ``sql/`` names: tables in, one table out.

Each takes the tables of its sidecar's ``inputs`` and nothing else, so that the
runner can order and check it like a SQL model.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from pipelines.travel.constants import TravelConstants
from pipelines.travel.crossings import Seeds
from pipelines.travel.network import Network, build_network, network_from_table
from pipelines.travel.remoteness import SizeSteps, to_centres, travel_minutes

Tables = Mapping[str, pa.Table]


def _pick(tables: Tables, ending: str) -> pa.Table:
    """Return the one input whose name ends so, whatever its schema is called."""
    found = [name for name in tables if name.split(".")[-1] == ending]
    if len(found) != 1:
        raise KeyError(f"one input named '{ending}' is needed; found {sorted(tables)}")
    return tables[found[0]]


def thresholds_of(table: pa.Table) -> dict[str, float]:
    """Turn the thresholds seed into name to value."""
    return {
        name: float(value)
        for name, value in zip(table["name"].to_pylist(), table["value"].to_pylist(), strict=True)
    }


def links(tables: Tables) -> pa.Table:
    """Links of the settlement network: ``from_id, to_id, minutes, kind``.

    Inputs end in ``settlements``, ``nuts_2021`` , ``land``, ``crossings``,
    ``barriers``, ``closed_borders`` and ``thresholds``.
    """
    seeds = Seeds(
        _pick(tables, "crossings"), _pick(tables, "barriers"), _pick(tables, "closed_borders")
    )
    constants = TravelConstants.from_thresholds(thresholds_of(_pick(tables, "thresholds")))
    network = build_network(
        _pick(tables, "settlements"),
        _pick(tables, "nuts_2021"),
        _pick(tables, "land"),
        seeds,
        constants,
    )
    return network.links_table()


def _network(tables: Tables) -> Network:
    return network_from_table(_pick(tables, "settlements"), _pick(tables, "links"))


def remoteness(tables: Tables) -> pa.Table:
    """Minutes to the nearest town and city of each size, see :func:`travel_minutes`.

    Inputs end in ``settlements``, ``links`` and ``thresholds``.
    """
    steps = SizeSteps.from_thresholds(thresholds_of(_pick(tables, "thresholds")))
    return travel_minutes(_network(tables), steps)


def pole_minutes(tables: Tables) -> pa.Table:
    """Minutes to the nearest SNAI-style pole: ``geonameid, minutes_to_pole, nearest_pole_id``.

    Inputs as of :func:`remoteness`.
    """
    rows = thresholds_of(_pick(tables, "thresholds"))
    network = _network(tables)
    minutes, ids = to_centres(network, rows["remoteness_snai_pole_population"])
    missing = ids < 0
    return pa.table(
        {
            "geonameid": pa.array(network.settlements.geonameid),
            "minutes_to_pole": pa.array(minutes, mask=missing),
            "nearest_pole_id": pa.array(ids, mask=missing),
        }
    )

"""Reach of a user's facilities, measured on the published database."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from pipelines.io.atomic import refuse_own_input
from pipelines.reach.files import ReachSummary, reach_file
from pipelines.serve.store import Store
from pipelines.serve.thresholds import thresholds
from pipelines.travel.constants import TravelConstants
from pipelines.travel.network import Network, network_from_table


def network_of(store: Store) -> tuple[pa.Table, pa.Table]:
    """Return the nodes and links of the published database, without building anything."""
    return (
        store.arrow("select * from indicators.ind_settlement__node order by geonameid"),
        store.arrow("select * from indicators.ind_settlement__links order by from_id, to_id"),
    )


def network(store: Store) -> Network:
    """Return the published network, held once a database; settlements in the map's order."""
    return store.memo("network", lambda: network_from_table(*network_of(store)))


def travel_constants(store: Store) -> TravelConstants:
    """Return the constants of the estimate that the database was built with."""
    return TravelConstants.from_thresholds(thresholds(store))


def run(
    store: Store,
    facilities: Path,
    out: Path,
    country: str | None = None,
    domestic: bool = False,
    matrix: Path | None = None,
    mode: str | None = None,
) -> ReachSummary:
    """Do what the command does, on the published database; see :func:`reach_file`."""
    refuse_own_input(out, facilities, matrix)
    nodes, _ = network_of(store)
    return reach_file(
        facilities,
        nodes,
        lambda: network(store),
        thresholds(store),
        out,
        country=country,
        domestic=domestic,
        matrix=matrix,
        mode=mode,
    )

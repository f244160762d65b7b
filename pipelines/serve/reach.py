"""Reach of a user's facilities, measured on the published database."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.reach.facilities import Facilities
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


def named(store: Store, table: pa.Table, facilities: Facilities) -> pa.Table:
    """Return a result with names behind its columns.

    Added are ``nearest_name`` (of the facility, where the file names it), and ``name, country,
    nuts_id, region_name, population, lon, lat`` of the settlement, with ``settled_share`` of its
    region: only people of listed settlements share the capacities.
    """
    names = dict(zip(facilities.sites.ids.tolist(), facilities.names, strict=False))
    coded = table["nearest_id"].combine_chunks().dictionary_encode()
    texts = pa.array([names.get(key) or None for key in coded.dictionary.to_pylist()], pa.string())
    places = store.arrow(
        "select towns.geonameid, towns.name, towns.country, towns.nuts_id, towns.region_name, "
        "towns.population, towns.lon, towns.lat, regions.settled_share from marts.towns as towns "
        "left join marts.regions as regions on regions.nuts_id = towns.nuts_id "
        "order by towns.geonameid"
    )
    order = pc.index_in(table["geonameid"], places["geonameid"].combine_chunks())
    places = places.take(order).drop_columns(["geonameid"])
    table = table.append_column("nearest_name", texts.take(coded.indices))
    for column in places.column_names:
        table = table.append_column(column, places[column])
    return table

"""Python models of service access: where sites stand, and who reaches them.

Sites are those of ``ind_service__site``: central places by tier, always there, and
hospitals where their file was fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.core.thresholds import Thresholds
from pipelines.geo.nearest import SettlementTree
from pipelines.reach.access import ReachConstants
from pipelines.reach.domestic import Domestic
from pipelines.reach.engine import NearestSites, reach_each
from pipelines.reach.sites import Sites
from pipelines.travel.constants import TravelConstants
from pipelines.travel.ends import site_minutes
from pipelines.travel.models import LINKS, NODES, THRESHOLDS
from pipelines.travel.network import network_from_table

Tables = Mapping[str, pa.Table]
SITES = "indicators.ind_service__site"


def by_service(table: pa.Table) -> Iterator[tuple[str, Sites]]:
    """Split a table of sites by service; yields name and sites, in order of the name."""
    for service in sorted(pc.unique(table["service"]).to_pylist()):
        rows = table.filter(pc.equal(table["service"], service))
        yield service, sites_of(rows)


def sites_of(rows: pa.Table) -> Sites:
    """Turn rows of ``site_id, lon, lat, capacity`` into sites."""
    numbers = [
        np.asarray(rows[c].to_numpy(zero_copy_only=False), float)
        for c in ("lon", "lat", "capacity")
    ]
    return Sites(np.array(rows["site_id"].to_pylist(), dtype=object), *numbers)


def snapped(tables: Tables) -> pa.Table:
    """Settlement of each site: ``service, site_id, geonameid, access_min``.

    The last two are NULL where no settlement is within ``travel_access_max_km``.
    """
    table, nodes = tables[SITES], tables[NODES]
    c = TravelConstants.from_thresholds(Thresholds.of_table(tables[THRESHOLDS]))
    lon, lat = (nodes[name].to_numpy(zero_copy_only=False) for name in ("lon", "lat"))
    sites = sites_of(table)
    nearest, km = SettlementTree(lon, lat).nearest(sites.lon, sites.lat, c.access_max_km)
    ids = nodes["geonameid"].to_numpy(zero_copy_only=False)
    return pa.table(
        {
            "service": table["service"],
            "site_id": table["site_id"],
            "geonameid": pa.array(ids[nearest], mask=nearest < 0),
            "access_min": pa.array(site_minutes(km, c), mask=nearest < 0),
        }
    )


def access(tables: Tables) -> pa.Table:
    """Reach of every service from every settlement.

    Takes sites, nodes, links and thresholds. One row a settlement and service;
    columns of :func:`pipelines.reach.engine.reach`, the second and third nearest, and the
    nearest of the own country with what the border would add to the way.
    """
    rows = Thresholds.of_table(tables[THRESHOLDS])
    network = network_from_table(tables[NODES], tables[LINKS])
    travel, limits = TravelConstants.from_thresholds(rows), ReachConstants.from_thresholds(rows)
    domestic = Domestic(network)
    services = dict(by_service(tables[SITES]))
    parts = []
    for service, result in zip(
        services, reach_each(network, list(services.values()), travel, limits), strict=True
    ):
        names = pa.array([service] * len(network.settlements), pa.string())
        table = result.table.add_column(1, "service", names)
        for column, values in (ranks(result.nearest) | border(result.nearest, domestic)).items():
            table = table.append_column(column, values)
        parts.append(table)
    return pa.concat_tables(parts)


def ranks(nearest: NearestSites) -> dict[str, pa.Array]:
    """Minutes and ids of the second and third nearest."""
    columns: dict[str, pa.Array] = {}
    ids = pa.array(nearest.snapped.sites.ids.tolist(), pa.string())
    for rank, name in enumerate(("second", "third"), start=1):
        which, minutes = nearest.site[:, rank], nearest.minutes[:, rank]
        columns[f"minutes_{name}"] = pa.array(minutes, mask=which < 0)
        columns[f"{name}_id"] = ids.take(pa.array(which, mask=which < 0))
    return columns


def border(nearest: NearestSites, domestic: Domestic) -> dict[str, pa.Array]:
    """Minutes to the nearest of the own country, and what the border would add."""
    minutes = domestic.nearest(nearest)
    missing = ~np.isfinite(minutes)
    effect: NDArray[Any] = np.where(missing, 0.0, minutes) - nearest.minutes[:, 0]
    effect = np.where(missing, 0.0, np.maximum(effect, 0.0))
    return {
        "minutes_domestic": pa.array(minutes, mask=missing),
        "border_effect_min": pa.array(effect, mask=missing),
    }

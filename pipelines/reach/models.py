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
from pipelines.reach.engine import NearestSites, Reach, reach_each
from pipelines.reach.measured import domestic_minutes
from pipelines.reach.sites import Sites
from pipelines.travel.constants import TravelConstants
from pipelines.travel.ends import site_minutes
from pipelines.travel.models import LINKS, NODES, THRESHOLDS
from pipelines.travel.network import network_from_table

Tables = Mapping[str, pa.Table]
SITES = "indicators.ind_service__site"
MINUTES = "staging.stg_openstreetmap__minutes"
COUNTRIES = "indicators.ind_country__matrix"


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

    Takes sites, nodes, links, thresholds, and the minutes of stored matrices with the
    countries that they cover. One row a settlement and service;
    columns of :func:`pipelines.reach.engine.reach`, the second and third nearest, the
    nearest of the own country with what the border would add to the way, and what the
    minutes to the nearest are.
    """
    rows = Thresholds.of_table(tables[THRESHOLDS])
    network = network_from_table(tables[NODES], tables[LINKS])
    travel, limits = TravelConstants.from_thresholds(rows), ReachConstants.from_thresholds(rows)
    domestic = Domestic(network)
    services = dict(by_service(tables[SITES]))
    stored = (tables[MINUTES], tables[COUNTRIES]) if tables[MINUTES].num_rows else None
    results = reach_each(network, list(services.values()), travel, limits, stored=stored)
    parts = []
    for service, result in zip(services, results, strict=True):
        names = pa.array([service] * len(network.settlements), pa.string())
        table = result.table.add_column(1, "service", names)
        added = ranks(result.nearest) | border(result, domestic) | basis(result)
        for column, values in added.items():
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


def border(result: Reach, domestic: Domestic) -> dict[str, pa.Array]:
    """Minutes to the nearest of the own country, and what the border would add."""
    nearest = result.nearest
    minutes = domestic.nearest(nearest)
    if result.measured is not None:
        pairs, at_home = result.measured, domestic.country[nearest.snapped.node]
        site = nearest.site[:, 0]
        is_abroad = (site >= 0) & (at_home[np.maximum(site, 0)] != domestic.country)
        same = at_home[pairs.site] == domestic.country[pairs.origin]
        minutes = domestic_minutes(minutes, is_abroad, same, pairs)
    missing = ~np.isfinite(minutes)
    effect: NDArray[Any] = np.where(missing, 0.0, minutes) - nearest.minutes[:, 0]
    effect = np.where(missing, 0.0, np.maximum(effect, 0.0))
    return {
        "minutes_domestic": pa.array(minutes, mask=missing),
        "border_effect_min": pa.array(effect, mask=missing),
    }


def basis(result: Reach) -> dict[str, pa.Array]:
    """What the minutes to the nearest are: NULL where none is reached."""
    site = result.nearest.site[:, 0]
    is_engine = np.zeros(len(site), dtype=bool)
    if result.measured is not None:
        is_engine = result.measured.holds(np.arange(len(site)), site)
    words = np.where(is_engine, "routing engine", "estimate").astype(object)
    return {"travel_basis": pa.array(words, pa.string(), mask=site < 0)}

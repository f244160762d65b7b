"""Named queries on the types of towns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipelines.places.osm_measures import REGISTERS, THIN
from pipelines.serve import osm
from pipelines.serve.filters import FRAGILITY_PARTS, SmstFilter, filtered
from pipelines.serve.store import Store
from pipelines.serve.thresholds import thresholds

#: Real services that tell whether a town is short of them, and what stands in for them.
REAL = ("hospital", "school_primary", "school_upper_secondary")
STAND_INS = ("basic_centre", "middle_centre")
REGISTER, OSM, STAND_IN = "register", "OpenStreetMap", "stand-in"

TOWN_LIST = (
    "geonameid, name, country_name, region_name, population, smst_type, role, rank, part_of, "
    "minutes_to_city, similar_towns_near, fragility_count, fragility_known, lon, lat"
)


def small_towns(store: Store, selection: SmstFilter) -> pd.DataFrame:
    """Return the selected towns with their type, largest first."""
    return filtered(store, "marts.towns", TOWN_LIST, selection, "population desc, geonameid")


def role_classes(store: Store, selection: SmstFilter) -> pd.DataFrame:
    """Return role and whether it is selected for every settlement, in map order."""
    condition, values = selection.condition()
    return store.frame(
        f"select role, coalesce({condition}, false) as is_selected "  # noqa: S608 - see filters
        "from marts.towns order by geonameid",
        values,
    )


def role_counts(store: Store, selection: SmstFilter) -> pd.DataFrame:
    """Return how many selected settlements have each size class and role, NULL for no role."""
    condition, values = selection.condition()
    return store.frame(
        "select size_class, role, count(*) as settlements, "  # noqa: S608 - see filters
        "sum(population)::bigint as people, "
        "count(*) filter (where is_remote) as remote, "
        "count(*) filter (where is_shrinking) as in_shrinking_regions "
        f"from marts.towns where {condition} group by all order by all",
        values,
    )


def migration_steps(store: Store, nuts_id: str) -> list[dict[str, Any]]:
    """Return the net migration of a region by periods of five years, where these tell it.

    Keys: ``year`` and ``year_end`` (1 Januaries), ``net_migration_per_1000`` (people a year),
    ``is_break`` (the period lies across a break, so that its migration holds a revision).
    Empty where the region has yearly figures, or none.
    """
    return store.rows(
        """
        select
            year, year + period_years as year_end, net_migration_per_1000,
            coalesce(is_break, false) as is_break
        from marts.region_series
        where nuts_version = 2021 and nuts_id = ? and period_years = 5
            and net_migration_per_1000 is not null
        order by year
        """,
        [nuts_id],
    )


def nearest_names(store: Store, geonameid: int) -> list[dict[str, Any]]:
    """Return the nearest town, city and large city of a settlement.

    Each row has ``measure`` (the column of ``marts.towns``), ``minutes``, ``name``,
    ``is_itself`` (whether it is the settlement) and ``basis``: what makes the city one.
    """
    return store.rows(
        """
        with me as (select * from marts.towns where geonameid = $id),
        long as (
            select 1 as position, 'minutes_to_town' as measure, minutes_to_town as minutes,
                nearest_town_id as other, null as basis from me
            union all
            select 2, 'minutes_to_city', minutes_to_city, nearest_city_id, city_basis from me
            union all
            select 3, 'minutes_to_large_city', minutes_to_large_city,
                nearest_large_city_id, null from me
        )
        select long.measure, long.minutes, towns.name, long.basis,
            coalesce(towns.geonameid = $id, false) as is_itself
        from long left join marts.towns as towns on towns.geonameid = long.other
        order by long.position
        """,
        {"id": geonameid},
    )


@dataclass(frozen=True)
class Fragility:
    """The four dimensions of a town, with the services that decide the third.

    Attributes
    ----------
    parts : dict of str to bool or None
        Dimension (``FRAGILITY_PARTS``) to whether it holds; None is not known.
    services : list of dict
        ``label``, ``minutes`` (estimate by car; None is out of reach), ``reference_min``,
        ``is_beyond`` and ``basis``: ``register``, ``OpenStreetMap`` or ``stand-in``
        (a place of a size).
    """

    parts: dict[str, bool | None]
    services: list[dict[str, Any]]

    @property
    def count(self) -> int:
        """How many dimensions hold."""
        return sum(part is True for part in self.parts.values())

    @property
    def known(self) -> int:
        """How many dimensions are known."""
        return sum(part is not None for part in self.parts.values())


def fragility(store: Store, town: dict[str, Any]) -> Fragility:
    """Return the fragility of a town of ``marts.towns``.

    It is that of the database, but for services of which no register knows and an added
    OpenStreetMap extract does: OpenStreetMap stays outside the database (decision 55).

    Raises
    ------
    InputError
        A stored extract is damaged.
    """
    published = published_fragility(store, town)
    registers = [row for row in published.services if row["basis"] == REGISTER]
    mapped = _of_osm(store, town, {row["service"] for row in registers})
    if not mapped:
        return published
    beyond = sum(row["is_beyond"] for row in registers + mapped)
    is_short = beyond >= thresholds(store)["smst_few_services"]
    return Fragility(published.parts | {"is_short_of_services": is_short}, registers + mapped)


def published_fragility(store: Store, town: dict[str, Any]) -> Fragility:
    """Return the fragility of a town as the database holds it, without OpenStreetMap."""
    rows = _measured(store, town["geonameid"], REAL, REGISTER)
    return Fragility(
        {name: town[name] for name in FRAGILITY_PARTS},
        rows or _measured(store, town["geonameid"], STAND_INS, STAND_IN),
    )


def _measured(
    store: Store, geonameid: int, services: Sequence[str], basis: str
) -> list[dict[str, Any]]:
    """Return the minutes to each service of the database that covers a settlement."""
    return store.rows(
        """
        select
            services.service, services.label, access.minutes_nearest as minutes,
            services.reference_min, $basis as basis,
            coalesce(access.minutes_nearest > services.reference_min, true) as is_beyond
        from marts.access as access
        inner join marts.services as services on services.service = access.service
        where access.geonameid = $id and access.coverage = 'covered'
            and access.service in (select unnest($services))
        order by services.position
        """,
        {"id": geonameid, "services": list(services), "basis": basis},
    )


def _of_osm(store: Store, town: dict[str, Any], known: set[str]) -> list[dict[str, Any]]:
    """Return the minutes to what an added extract maps of services that no register knows.

    OpenStreetMap does not tell the level of a school: any one counts, by the line of the
    primary school. A thinly mapped settlement, or a type that is probably not mapped, says
    nothing.
    """
    attached = osm.attached(store)
    if attached is None:
        return []
    places = attached.settlements
    place = places[places["geonameid"] == town["geonameid"]]
    if place.empty or place["completeness"].iloc[0] == THIN:
        return []
    limits, types = thresholds(store), attached.types
    minutes = attached.minutes.set_index("geonameid").loc[town["geonameid"]]
    rows: dict[str, dict[str, Any]] = {}
    for service, kind in REGISTERS.items():
        of = types[(types["country"] == town["country"]) & (types["type"] == kind)]
        unmapped = of.empty or bool(of["is_probably_not_mapped"].iloc[0])
        if unmapped or kind in rows or any(REGISTERS[name] == kind for name in known):
            continue
        nearest, line = minutes[f"minutes_{kind}"], limits[f"access_{service}_target_min"]
        away = None if pd.isna(nearest) else float(nearest)
        rows[kind] = {
            "service": kind,
            "label": of["label"].iloc[0],
            "minutes": away,
            "reference_min": line,
            "basis": OSM,
            "is_beyond": away is None or away > line,
        }
    return list(rows.values())

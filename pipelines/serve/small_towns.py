"""Named queries on the types of towns."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipelines.serve.filters import SmstFilter, filtered
from pipelines.serve.store import Store

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

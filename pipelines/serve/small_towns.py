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
    """Return how many selected settlements have each size class and role."""
    condition, values = selection.condition()
    return store.frame(
        "select replace(size_class, '_', ' ') as \"size class\", "  # noqa: S608 - see filters
        "coalesce(role, 'none of its own') as role, count(*) as settlements, "
        "sum(population)::bigint as people, "
        "count(*) filter (where is_remote) as remote, "
        'count(*) filter (where is_shrinking) as "in shrinking regions" '
        f"from marts.towns where {condition} group by all order by all",
        values,
    )


def nearest_names(store: Store, geonameid: int) -> dict[str, dict[str, Any]]:
    """Return minutes to and name of the nearest town, city and large city."""
    rows = store.rows(
        """
        with me as (select * from marts.towns where geonameid = $id),
        long as (
            select 1 as position, 'Nearest town (5 000)' as label, minutes_to_town as minutes,
                nearest_town_id as other from me
            union all
            select 2, 'Nearest city (50 000)', minutes_to_city, nearest_city_id from me
            union all
            select 3, 'Nearest large city (250 000)', minutes_to_large_city,
                nearest_large_city_id from me
        )
        select long.label, long.minutes,
            case when towns.geonameid = $id then 'itself' else towns.name end as name
        from long left join marts.towns as towns on towns.geonameid = long.other
        order by long.position
        """,
        {"id": geonameid},
    )
    return {row["label"]: row for row in rows}

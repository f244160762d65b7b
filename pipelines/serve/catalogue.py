"""Named queries on the catalogue: places, case studies, practices and their conditions."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from pipelines.serve.filters import PlaceFilter, PracticeFilter
from pipelines.serve.store import Store
from pipelines.serve.thresholds import thresholds

Rows = list[dict[str, Any]]


def social_places(store: Store, selection: PlaceFilter) -> Rows:
    """Return the selected places, by country, town and name."""
    condition, values = selection.condition()
    return store.rows(
        f"select * from marts.social_places where {condition} "  # noqa: S608 - see filters
        "order by country_name nulls last, town nulls last, name, id",
        values,
    )


def place_choices(store: Store) -> dict[str, list[str]]:
    """Return the values that occur in each column that can be filtered."""
    row = store.rows(
        """
        select
            list_sort(list_distinct(list(country))) as country,
            list_sort(list_distinct(list(kind))) as kind,
            list_sort(list_distinct(list(type))) as type,
            list_sort(list_distinct(list(document))) as document,
            list_sort(list_distinct(flatten(list(run_by)))) as run_by,
            list_sort(list_distinct(flatten(list(level)))) as level,
            list_sort(list_distinct(flatten(list(social_capital)))) as social_capital,
            list_sort(list_distinct(flatten(list(focal_points)))) as focal_points
        from marts.social_places
        """
    )[0]
    return {column: [v for v in values if v] for column, values in row.items()}


def in_europe(store: Store, geonameid: int) -> pd.DataFrame:
    """Return figures of a town and its region beside those of all towns and regions.

    ``below_pct`` is the share of all others that have a lower value; the town is compared
    with all small and medium-sized towns and cities, the region with all NUTS-3 regions.
    ``measure`` is one of ``population, region_change_pct, region_density_per_km2, elevation_m,
    minutes_to_city``.
    """
    return store.frame(
        """
        with me as (select * from marts.towns where geonameid = $id),
        mine as (
            select regions.* from marts.regions as regions
            inner join me on regions.nuts_id = me.nuts_id
        ),
        long as (
            select 1 as position, 'population' as measure,
                (select population from me)::double as mine, population::double as other
            from marts.towns where size_class not in ('village', 'part')
            union all
            select 2, 'region_change_pct', (select change_pct from mine), change_pct
            from marts.regions where level = 3
            union all
            select 3, 'region_density_per_km2', (select density_per_km2 from mine), density_per_km2
            from marts.regions where level = 3
            union all
            select 4, 'elevation_m', (select elevation_m from me)::double, elevation_m::double
            from marts.towns where size_class not in ('village', 'part')
            union all
            select 5, 'minutes_to_city', (select minutes_to_city from me), minutes_to_city
            from marts.towns where size_class not in ('village', 'part')
        )
        select
            measure, any_value(mine) as value, median(other) as median,
            quantile_cont(other, 0.1) as low, quantile_cont(other, 0.9) as high,
            100.0 * count(*) filter (where other < mine) / count(*) as below_pct,
            count(*) as compared
        from long
        where other is not null
        group by position, measure
        order by position
        """,
        {"id": geonameid},
    )


def practices(store: Store, selection: PracticeFilter | None = None) -> Rows:
    """Return the selected practices, every one by default, by id."""
    condition, values = (selection or PracticeFilter()).condition()
    return store.rows(
        f"select * from marts.practices where {condition} order by id",  # noqa: S608 - see filters
        values,
    )


def practice_choices(store: Store) -> dict[str, list[str]]:
    """Return the values that occur in each column by which practices can be filtered."""
    row = store.rows(
        """
        select
            list_sort(list_distinct(list(document))) as document,
            list_sort(list_distinct(flatten(list(funding)))) as funding,
            list_sort(list_distinct(flatten(list(focal_points)))) as focal_points,
            list_sort(list_distinct(flatten(list(actors)))) as actors,
            list_sort(list_distinct(flatten(list(target_groups)))) as target_groups
        from marts.practices
        """
    )[0]
    return {column: [v for v in values if v] for column, values in row.items()}


def self_assessment(store: Store) -> Rows:
    """Return the questions of the self-assessment in their order."""
    return store.rows("select * from marts.self_assessment order by position")


def practice_fits(store: Store) -> Rows:
    """Return every condition of every practice; what it needs first."""
    return store.rows(
        "select * from marts.practice_fits order by practice, "
        "list_position(['needs', 'fits', 'warns'], strength), condition"
    )


def conditions(store: Store) -> Rows:
    """Return the conditions with the number of practices that each bears on, most first."""
    return store.rows(
        """
        with used as (
            select condition, count(distinct practice) as practices
            from marts.practice_fits group by condition
        )
        select conditions.*, coalesce(used.practices, 0) as practices
        from marts.conditions as conditions
        left join used on used.condition = conditions.id
        order by practices desc, conditions.id
        """
    )


def concepts(store: Store, table: str) -> Rows:
    """Return one conceptual table in its order."""
    return store.rows(
        "select * from marts.concepts where concept_table = ? order by position", [table]
    )


def data_answers(store: Store, geonameid: int) -> dict[str, str | None]:
    """Return what the data says of a town on the conditions that it can answer."""
    rows = store.rows(
        "select * exclude (geonameid) from marts.town_conditions where geonameid = ?", [geonameid]
    )
    return rows[0] if rows else {}


def fit_weights(store: Store) -> dict[str, float]:
    """Return the weight of each strength of a condition."""
    return thresholds(store).family("fits_weight_")


def gazetteer(store: Store) -> pa.Table:
    """Return the settlements that places are checked against."""
    return store.arrow(
        "select geonameid, name, country, lon, lat from indicators.ind_settlement__listed"
    )


def settlements(store: Store) -> pd.DataFrame:
    """Return the settlements that places are counted by, in order of their identifier."""
    towns: pd.DataFrame = store.arrow(
        "select geonameid, name, country, country_name, population, lon, lat from marts.towns "
        "order by geonameid"
    ).to_pandas()
    return towns


def concept_tables(store: Store) -> list[str]:
    """Return the names of the conceptual tables."""
    return store.column("select distinct concept_table as t from marts.concepts order by t")

"""One named function a query; each returns a data frame or a plain value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipelines.geo.projection import to_laea
from pipelines.geo.symbols import symbol_radius
from pipelines.serve.dictionary import fields
from pipelines.serve.filters import TownFilter, filtered
from pipelines.serve.store import Store

CENSUS = "jrc_census_population"
EUROSTAT_POPULATION = ("eurostat_demo_r_pjanaggr3", "eurostat_demo_r_pjangrp3")
FIVE_YEAR = "eurostat_five_year"
TOWN_LIST = (
    "geonameid, name, country, country_name, nuts_id, region_name, population, size_class, "
    "region_trend, region_change_pct, elevation_m, lon, lat, part_of"
)


def region_values(store: Store, level: int, measure: str) -> pd.DataFrame:
    """Return ``nuts_id`` and one measure of every region of a level, in map order."""
    known = {column for table, column in fields(store) if table == "regions"}
    if measure not in known:
        raise ValueError(f"measure is '{measure}', allowed are {sorted(known)}")
    return store.frame(
        f"select nuts_id, {measure} as value from marts.regions where level = ? order by nuts_id",  # noqa: S608
        [level],
    )


def marked_summary(store: Store, codes: tuple[str, ...]) -> dict[str, Any]:
    """Return count, area and people of some regions; people are over those with figures."""
    return store.rows(
        "select count(*) as regions, sum(area_km2) as area_km2, "
        "sum(population_start) filter (where change_pct is not null)::bigint as population_start, "
        "sum(population_end) filter (where change_pct is not null)::bigint as population_end "
        "from marts.regions where list_contains(?, nuts_id)",
        [list(codes)],
    )[0]


def region(store: Store, nuts_id: str) -> dict[str, Any] | None:
    """Return one region with all columns but its outline, or None."""
    rows = store.rows("select * exclude (geometry) from marts.regions where nuts_id = ?", [nuts_id])
    return rows[0] if rows else None


def region_context(store: Store, nuts_id: str) -> pd.DataFrame:
    """Return a region beside its country, the EU and regions of its urban-rural type.

    Rates of groups are those of their summed populations, over regions with figures.
    """
    return store.frame(
        """
        with me as (select * from marts.regions where nuts_id = $id),
        leaves as (select * from marts.regions where level = 3 and population_end is not null),
        groups as (
            select 1 as position, me.name as place, leaves.*
            from leaves inner join me on starts_with(leaves.nuts_id, me.nuts_id)
            union all
            select 2, me.country_name, leaves.*
            from leaves inner join me on leaves.country = me.country
            union all
            select 3, 'EU, ' || me.urban_rural, leaves.*
            from leaves inner join me on leaves.urban_rural = me.urban_rural
            where leaves.country_group = 'EU'
            union all
            select 4, 'EU', leaves.* from leaves where leaves.country_group = 'EU'
        )
        select
            place,
            count(*) as regions,
            sum(population_end)::bigint as population_end,
            100.0 * (sum(population_end) - sum(population_start)) / sum(population_start)
                as change_pct,
            sum(population_end) / sum(area_km2) as density_per_km2
        from groups
        group by position, place
        order by position
        """,
        {"id": nuts_id},
    )


def rank(store: Store, nuts_id: str) -> dict[str, Any] | None:
    """Return the place of a region by change among those of its level, from the lowest."""
    rows = store.rows(
        """
        with ranked as (
            select nuts_id, rank() over (order by change_pct) as place, count(*) over () as total
            from marts.regions
            where change_pct is not null
                and level = (select level from marts.regions where nuts_id = $id)
        )
        select place, total from ranked where nuts_id = $id
        """,
        {"id": nuts_id},
    )
    return rows[0] if rows else None


def countries(store: Store) -> pd.DataFrame:
    """Return ``country``, ``country_name`` of all countries that have settlements."""
    return store.frame(
        "select distinct country, country_name from marts.towns order by country_name"
    )


def europe(store: Store) -> dict[str, Any]:
    """Return the figures of the Overview, all over NUTS-3 regions with figures."""
    return store.rows(
        """
        with leaves as (
            select * from marts.regions where level = 3 and change_pct is not null
        )
        select
            count(*) as regions,
            count(*) filter (where change_pct < 0) as losing,
            count(*) filter (where change_pct < -5) as losing_5,
            (sum(population_end) filter (where change_pct < 0))::bigint as people_in_losing,
            sum(population_start)::bigint as population_start,
            sum(population_end)::bigint as population_end,
            (-sum(change_people) filter (where change_people < 0))::bigint as people_lost,
            (sum(change_people) filter (where change_people > 0))::bigint as people_gained,
            count(distinct country) as countries,
            min(year_start) as year_start,
            max(year_end) as year_end,
            (select count(*) from marts.regions where level = 3) as regions_total,
            (select count(*) from marts.towns where is_smst) as smst,
            (select count(*) from marts.towns where is_smst and region_trend = 'shrinking')
                as smst_in_shrinking
        from leaves
        """
    )[0]


def population_basis(store: Store) -> dict[str, Any]:
    """Return sources and years of all population figures, and how many need care.

    ``regions``, ``by_census``, ``by_series``, ``with_break``, ``converted`` and ``two_answers``
    (the series disagrees with the census) count NUTS-3 regions; ``sources`` names the sources.
    """
    row = store.rows(
        """
        select
            max(year_start) as year_start,
            max(year_end) as year_end,
            count(change_pct) as regions,
            count(*) filter (where population_has_break) as with_break,
            count(*) filter (where population_source like 'census%') as by_census,
            count(*) filter (where population_source like 'Eurostat%') as by_series,
            count(*) filter (where population_source = 'Eurostat, five-year figures') as by_periods,
            count(*) filter (where has_two_answers) as two_answers,
            count(*) filter (where population_is_converted) as converted
        from marts.regions where level = 3
        """
    )[0]
    by_periods = row.pop("by_periods")
    sources = [CENSUS] if row["by_census"] else []
    if row["by_series"] > by_periods:
        sources += EUROSTAT_POPULATION
    if by_periods:
        sources.append(FIVE_YEAR)
    return row | {"sources": tuple(sources)}


def partly_known_countries(store: Store) -> pd.DataFrame:
    """Return countries that have figures for some of their NUTS-3 regions only."""
    return store.frame(
        "select country_name, regions_known, regions_total from marts.regions where level = 0 "
        "and regions_known between 1 and regions_total - 1 order by country_name"
    )


def extremes(store: Store, number: int = 8) -> pd.DataFrame:
    """Return the regions of level 3 that lost and gained most in percent."""
    return store.frame(
        """
        with leaves as (
            select nuts_id, name, country_name, population_end, change_pct
            from marts.regions where level = 3 and change_pct is not null
        )
        (select 'shrinking' as side, * from leaves order by change_pct, nuts_id limit $n)
        union all
        (select 'growing' as side, * from leaves order by change_pct desc, nuts_id limit $n)
        """,
        {"n": number},
    )


def by_type(store: Store) -> pd.DataFrame:
    """Return the change by urban-rural type, of summed populations."""
    return store.frame(
        """
        select
            urban_rural,
            count(*) as regions,
            count(*) filter (where change_pct < 0) as losing,
            100.0 * (sum(population_end) - sum(population_start)) / sum(population_start)
                as change_pct
        from marts.regions
        where level = 3 and change_pct is not null
        group by urban_rural
        order by min(change_pct) desc
        """
    )


def towns(store: Store, selection: TownFilter, limit: int | None = None) -> pd.DataFrame:
    """Return the selected settlements, largest first."""
    cut = f" limit {int(limit)}" if limit else ""
    order = f"population desc, geonameid{cut}"
    return filtered(store, "marts.towns", TOWN_LIST, selection, order)


def town_classes(store: Store, selection: TownFilter) -> pd.DataFrame:
    """Return for every settlement in map order its class, NULL where not selected."""
    condition, values = selection.condition()
    return store.frame(
        f"select case when {condition} then size_class end as size_class "  # noqa: S608 - see filters
        "from marts.towns order by geonameid",
        values,
    )


def town(store: Store, geonameid: int) -> dict[str, Any] | None:
    """Return one settlement with all columns, or None."""
    rows = store.rows("select * from marts.towns where geonameid = ?", [geonameid])
    return rows[0] if rows else None


def town_position(store: Store, geonameid: int) -> int:
    """Return where a settlement stands in map order, from 0."""
    sql = "select count(*) as n from marts.towns where geonameid < ?"
    return int(store.column(sql, [geonameid])[0])


def town_at(store: Store, position: int) -> dict[str, Any]:
    """Return ``name`` and ``country_name`` of the settlement at a place in map order, from 0."""
    return store.rows(
        "select name, country_name from marts.towns order by geonameid limit 1 offset ?", [position]
    )[0]


def size_classes(store: Store) -> pd.Series:
    """Return the size class of every settlement in map order."""
    return store.frame("select size_class from marts.towns order by geonameid")["size_class"]


def dictionary(store: Store) -> pd.DataFrame:
    """Return the data dictionary."""
    return store.frame("select * from marts.indicators order by table_name, position")


def sources(store: Store) -> pd.DataFrame:
    """Return every source."""
    return store.frame("select * from marts.sources order by is_present desc, name")


def credit_lines(store: Store) -> tuple[str, ...]:
    """Return the attribution lines of all sources that this database holds, each once."""
    table = sources(store)
    return tuple(dict.fromkeys(table.loc[table["is_present"], "attribution"]))


def attribution(store: Store, *names: str) -> str:
    """Return the attribution lines of those sources that this database holds, as one line."""
    lines = store.column(
        "select attribution from marts.sources where is_present "
        "and name in (select unnest(?)) order by name",
        [list(names)],
    )
    return " · ".join(dict.fromkeys(lines))


def map_breaks(store: Store, measure: str) -> list[float] | None:
    """Return the published class breaks of a measure, or None where there are none."""
    rows = store.arrow("select breaks from marts.map_breaks where measure = ?", [measure])
    breaks = rows["breaks"].to_pylist()
    return breaks[0] if breaks else None


def map_file(store: Store, name: str) -> Any:
    """Return a map file of the database, read."""
    return store.map_file(name)


def region_bounds(store: Store) -> dict[str, list[float]]:
    """Return the box of each region on the map: west, south, east, north in km (EPSG:3035)."""
    boxes: dict[str, list[float]] = map_file(store, "bounds")
    return boxes


def region_shape(store: Store, name: str, nuts_id: str) -> dict[str, Any] | None:
    """Return a region's feature (km, EPSG:3035) from a map file, or None."""
    regions = map_file(store, name)
    return next((f for f in regions["features"] if f["properties"]["id"] == nuts_id), None)


def town_symbol(store: Store, geonameid: int) -> dict[str, float]:
    """Return place and radius of a settlement's circle: ``x``, ``y``, ``r`` (km, EPSG:3035)."""
    rows = store.arrow(
        "select lon, lat, population from marts.towns where geonameid = ?", [geonameid]
    ).to_pydict()
    x, y = to_laea(np.array(rows["lon"]), np.array(rows["lat"]))
    return {
        "x": round(float(x[0]) / 1000, 1),
        "y": round(float(y[0]) / 1000, 1),
        "r": round(symbol_radius(rows["population"][0]), 1),
    }

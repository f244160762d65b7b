"""Queries of travel times and services; columns are picked from lists, values are parameters.

"Map order" is by ``geonameid`` for settlements and by ``nuts_id`` within a level for regions.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipelines.serve.store import Store
from pipelines.serve.thresholds import refuse_disorder, thresholds

# What a settlement can be far from.
TOWN_MINUTES = (
    "minutes_to_pole",
    "minutes_to_town",
    "minutes_to_town_10k",
    "minutes_to_town_20k",
    "minutes_to_town_50k",
    "minutes_to_city",
    "minutes_to_city_100k",
    "minutes_to_large_city",
)
SNAI = ("pole", "belt", "intermediate", "peripheral", "ultra-peripheral")
SNAI_CUTS = ("belt", "intermediate", "peripheral")
TOWN_ACCESS = (
    "minutes_nearest",
    "minutes_second",
    "minutes_mean_3",
    "within_15",
    "within_30",
    "within_60",
    "supply_score",
    "minutes_domestic",
    "border_effect_min",
    "minutes_walk",
    "minutes_cycle",
)


def measured_countries(store: Store) -> list[str]:
    """Return the names of the countries in which stored matrices stand for the estimate."""
    names: list[str] = store.column(
        "select distinct country_name from marts.towns "
        "where travel_basis != 'estimate' order by country_name"
    )
    return names


def _allowed(name: str, allowed: tuple[str, ...]) -> str:
    if name not in allowed:
        raise ValueError(f"measure is '{name}', allowed are {allowed}")
    return name


_TOWN_CLASSES = """
select
    snai_class({column}, map($names::varchar[], $cuts::double[])) as remoteness,
    coalesce(
        snai_class(minutes_low({column}), map($names::varchar[], $cuts::double[]))
        != snai_class(minutes_high({column}), map($names::varchar[], $cuts::double[])),
        false
    ) as either_way,
    case when part_of is null then population else 0 end as population
from marts.towns
order by geonameid
"""


def remoteness_classes(store: Store, measure: str, cuts: tuple[float, ...]) -> pd.DataFrame:
    """Return ``remoteness`` of every settlement in map order, by movable cut points.

    ``either_way`` tells whether it could be another class, were the minutes off by the error of
    one trip of that length; ``population`` is 0 for a part of a larger place.

    Parameters
    ----------
    measure
        One of ``TOWN_MINUTES``.
    cuts
        Ends of belt, intermediate and peripheral in minutes. The bounds fall as in the
        typology: the first two belong to the class above, the last to the class below.
    """
    column = _allowed(measure, TOWN_MINUTES)
    edition = int(thresholds(store)["remoteness_snai_edition"])
    names = [f"remoteness_snai_{cut}_{edition}_min" for cut in SNAI_CUTS]
    refuse_disorder(store, zip(names, cuts, strict=True))
    return store.frame(
        _TOWN_CLASSES.format(column=column),
        {"names": names, "cuts": list(cuts)},
    )


def remotest_towns(
    store: Store, measure: str, countries: tuple[str, ...], least_people: int, number: int
) -> pd.DataFrame:
    """Return the settlements furthest away, with all steps of size."""
    column = _allowed(measure, TOWN_MINUTES)
    return store.frame(
        f"""
        select
            geonameid, name, country_name, region_name, population, {", ".join(TOWN_MINUTES)}
        from marts.towns
        where {column} is not null and population >= $people
            and (len($countries) = 0 or country in (select unnest($countries)))
        order by {column} desc, geonameid
        limit $n
        """,  # noqa: S608 - columns are from a list
        {"countries": list(countries), "people": least_people, "n": number},
    )


_REGION_REMOTENESS = """
with people as (
    select
        left(origins.nuts_id, 2 + $level) as nuts_id,
        origins.people_basis,
        origins.population,
        towns.{column} + origins.access_min as minutes
    from indicators.ind_region__origin as origins
    inner join marts.towns as towns on towns.geonameid = origins.geonameid
    where towns.{column} is not null
),

sums as (
    select
        nuts_id,
        min(people_basis) as people_basis,
        sum(population)::bigint as people,
        sum(population * minutes) / sum(population) as mean_minutes,
        sum(case when minutes > $limit then population else 0 end) / sum(population)
            as beyond_share,
        sum(
            case
                when minutes_high(minutes) <= $limit or minutes_low(minutes) > $limit
                    then population
                else 0
            end
        ) / sum(population) as remoteness_robust
    from people
    group by nuts_id
)

select
    regions.nuts_id,
    regions.name,
    regions.country,
    sums.people_basis,
    sums.people,
    sums.mean_minutes,
    sums.beyond_share,
    sums.remoteness_robust,
    regions.settled_share,
    regions.settled_note,
    urban_rural_remoteness(
        regions.urban_rural,
        1 - sums.beyond_share,
        map(['remoteness_close_share'], [$share::double])
    ) as remoteness,
    regions.access_to_city,
    regions.access_basis
from marts.regions as regions
left join sums using (nuts_id)
where regions.level = $level
order by regions.nuts_id
"""


def region_remoteness(
    store: Store, level: int, measure: str, limit: float, share: float
) -> pd.DataFrame:
    """Return the remoteness of the regions of a level in map order, by a movable limit.

    Columns: ``nuts_id, name, country, people_basis`` (settlements or cells of the census grid),
    ``people, mean_minutes, beyond_share, remoteness_robust`` (share of people on one side of the
    limit even if the minutes are off by the error of one trip), ``settled_share, settled_note``
    (how far the listed settlements sum to the official people), ``remoteness`` (the five
    classes, level 3 only, re-computed), ``access_to_city`` (OECD-like classes by the thresholds
    of the build), ``access_basis`` (what tells them: functional urban areas or settlements).
    People whose minutes are not known are in no share.
    """
    column = _allowed(measure, TOWN_MINUTES)
    return store.frame(
        _REGION_REMOTENESS.format(column=column),
        {"level": level, "limit": limit, "share": share},
    )


def services(store: Store) -> list[dict[str, Any]]:
    """Return the services that are measured, in order."""
    return store.rows("select * from marts.services order by position")


def excluded_sites(store: Store) -> pd.DataFrame:
    """Return what was set aside, left empty or mended."""
    return store.frame("select * from marts.access_set_aside")


def town_access(store: Store, service: str, measure: str) -> pd.DataFrame:
    """Return ``value`` of every settlement in map order; missing where there is no data.

    Where the register lacks the sites of a settlement's own region, what is measured is the way
    to sites elsewhere: that is no data either.
    """
    column = _allowed(measure, TOWN_ACCESS)
    return store.frame(
        f"""
        select access.{column} as value
        from marts.towns as towns
        left join marts.access as access
            on access.geonameid = towns.geonameid and access.service = $service
                and access.coverage = 'covered'
        order by towns.geonameid
        """,  # noqa: S608 - the column is from a list
        {"service": service},
    )


def access_summary(
    store: Store, service: str, limit: float, countries: tuple[str, ...]
) -> dict[str, Any]:
    """Return people with data, people beyond a limit, settlements beyond it.

    Without the settlements of regions whose own sites the register lacks.
    """
    return store.rows(
        """
        select
            count(*) as settlements,
            sum(population)::bigint as people,
            sum(
                case when coalesce(minutes_nearest <= $limit, false) then 0 else population end
            )::bigint as people_beyond,
            count(*) filter (where not coalesce(minutes_nearest <= $limit, false)) as beyond
        from marts.access
        inner join marts.towns using (geonameid)
        where service = $service
            and part_of is null
            and access.coverage = 'covered'
            and (len($countries) = 0 or country in (select unnest($countries)))
        """,
        {"service": service, "limit": limit, "countries": list(countries)},
    )[0]


def worst_served(
    store: Store, service: str, limit: float, countries: tuple[str, ...], number: int | None
) -> pd.DataFrame:
    """Return settlements beyond a limit, the largest first; NULL minutes are no way at all.

    Without the settlements of regions whose own sites the register lacks: see
    :func:`in_register_gaps`.
    """
    return store.frame(
        """
        select
            access.geonameid, towns.name, towns.country_name, towns.region_name,
            towns.population, access.minutes_nearest, sites.name as nearest,
            access.minutes_second, access.border_effect_min, access.supply_score
        from marts.access as access
        inner join marts.towns as towns using (geonameid)
        left join marts.service_sites as sites
            on sites.service = access.service and sites.site_id = access.nearest_id
        where access.service = $service
            and access.coverage = 'covered'
            and (access.minutes_nearest is null or access.minutes_nearest > $limit)
            and towns.part_of is null
            and (len($countries) = 0 or towns.country in (select unnest($countries)))
        order by towns.population desc, access.geonameid
        limit $n
        """,
        {"service": service, "limit": limit, "countries": list(countries), "n": number or 10**9},
    )


def in_register_gaps(store: Store, service: str, countries: tuple[str, ...]) -> pd.DataFrame:
    """Return settlements of regions whose own sites the register lacks, the largest first.

    Columns: ``geonameid, name, country_name, region_name, population, coverage`` (the reason).
    How far they are from a site is not known, so they stand in no ranking and no average.
    """
    return store.frame(
        """
        select
            access.geonameid, towns.name, towns.country_name, towns.region_name,
            towns.population, access.coverage
        from marts.access as access
        inner join marts.towns as towns using (geonameid)
        where access.service = $service
            and access.coverage != 'covered'
            and towns.part_of is null
            and (len($countries) = 0 or towns.country in (select unnest($countries)))
        order by towns.population desc, access.geonameid
        """,
        {"service": service, "countries": list(countries)},
    )


def region_access(store: Store, service: str, level: int, limit: float) -> pd.DataFrame:
    """Return the regions of a level in map order with their access and a movable limit.

    ``beyond_limit_share`` is the share of people further than ``limit`` minutes;
    ``desert_share`` that of people in service deserts. ``coverage`` says why a region has no
    figures; it is missing where the region has no settlements. ``people_basis`` says where people
    are counted, in settlements or in cells of the census grid. ``settled_share`` and
    ``settled_note`` say how far its settlements sum to its official people.
    """
    return store.frame(
        """
        with beyond as (
            select
                left(places.nuts_id, 2 + $level) as nuts_id,
                sum(
                    case
                        when access.minutes_nearest + origins.access_min <= $limit then 0
                        else origins.population
                    end
                ) / sum(origins.population) as beyond_limit_share
            from indicators.ind_service__region_coverage as places
            inner join indicators.ind_region__origin as origins using (nuts_id)
            left join indicators.ind_settlement__access as access
                on access.service = places.service and access.geonameid = origins.geonameid
            where places.service = $service and places.coverage = 'covered'
            group by 1
        )

        select
            regions.nuts_id, regions.name, regions.country, access.coverage,
            access.people_basis, access.people,
            access.within_15_share, access.within_30_share, access.within_60_share,
            beyond.beyond_limit_share, access.beyond_reference_share, access.minutes_mean,
            access.minutes_p90, access.border_effect_min, deserts.desert_people,
            deserts.desert_share, regions.settled_share, regions.settled_note
        from marts.regions as regions
        left join marts.region_access as access
            on access.nuts_id = regions.nuts_id and access.service = $service
        left join beyond on beyond.nuts_id = regions.nuts_id
        left join marts.region_deserts as deserts on deserts.nuts_id = regions.nuts_id
        where regions.level = $level
        order by regions.nuts_id
        """,
        {"service": service, "level": level, "limit": limit},
    )


def sites_near(store: Store, service: str, geonameid: int, number: int = 30) -> pd.DataFrame:
    """Return the sites of a service nearest to a settlement by straight line."""
    return store.frame(
        """
        with me as (select lon, lat from marts.towns where geonameid = $id)
        select
            sites.site_id,
            coalesce(sites.name, sites.site_id) as name,
            sites.country,
            distance_km(me.lon, me.lat, sites.lon, sites.lat) as distance_km
        from marts.service_sites as sites, me
        where sites.service = $service and sites.geonameid is not null
        order by distance_km, sites.site_id
        limit $n
        """,
        {"service": service, "id": geonameid, "n": number},
    )


def town_labels(store: Store, geonameids: list[int] | tuple[int, ...]) -> pd.DataFrame:
    """Return names, countries and people of settlements, in the order of their ids.

    ``people`` is what a sum adds: nobody for a part, whose people its whole counts.
    """
    return store.frame(
        """
        select
            geonameid, name, country_name, region_name, population,
            case when part_of is null then population else 0 end as people
        from marts.towns
        where geonameid in (select unnest($ids))
        order by geonameid
        """,
        {"ids": list(geonameids)},
    )

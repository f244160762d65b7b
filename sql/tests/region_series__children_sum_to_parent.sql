-- From 2014 on, births and deaths of a country are those of its NUTS-3 regions, within the tolerance, where all are known and none was converted.
with regions as (
    select nuts_version, country, count(*) as expected
    from indicators.ind_region__list
    where level = 3
    group by nuts_version, country
),

sums as (
    select
        nuts_version, country, year,
        count(births) as known_births, sum(births) as births,
        count(deaths) as known_deaths, sum(deaths) as deaths,
        bool_or(is_converted) as is_converted
    from marts.region_series
    where level = 3 and year >= 2014
    group by nuts_version, country, year
)

select whole.nuts_version, whole.nuts_id, whole.year, whole.births, sums.births as sum_of_births,
    whole.deaths, sums.deaths as sum_of_deaths
from marts.region_series as whole
inner join sums on sums.nuts_version = whole.nuts_version and sums.country = whole.nuts_id
    and sums.year = whole.year
inner join regions on regions.nuts_version = sums.nuts_version and regions.country = sums.country
where whole.level = 0 and not sums.is_converted and not whole.is_converted
    and ((sums.known_births = regions.expected
        and abs(sums.births - whole.births) > threshold('parent_tolerance_share') * whole.births)
    or (sums.known_deaths = regions.expected
        and abs(sums.deaths - whole.deaths) > threshold('parent_tolerance_share') * whole.deaths))

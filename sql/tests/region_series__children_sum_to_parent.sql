-- Where all NUTS-3 regions are known, a larger region is their sum: in each level, vintage, year or period and count; people to rounding.
with series as (
    select
        nuts_version, nuts_id, level, year, period_years,
        unnest(['population', 'births', 'deaths', 'natural_change', 'gdp_mio_pps']) as measure,
        unnest([population, births, deaths, natural_change, gdp_mio_pps]) as value
    from marts.region_series
    where period_years = 1
),

levels as (select unnest([0, 1, 2]) as level),

parts as (
    select
        regions.nuts_version,
        regions.nuts_id as part_id,
        left(regions.nuts_id, levels.level + 2) as nuts_id,
        count(*) over (partition by regions.nuts_version, left(regions.nuts_id, levels.level + 2))
            as expected
    from indicators.ind_region__list as regions
    cross join levels
    where regions.level = 3
),

sums as (
    select
        parts.nuts_version, parts.nuts_id, series.year, series.period_years, series.measure,
        sum(series.value) as value, count(*) as parts
    from series
    inner join parts
        on parts.nuts_version = series.nuts_version and parts.part_id = series.nuts_id
    where series.value is not null
    group by all
    having count(*) = any_value(parts.expected)
)

select sums.nuts_version, sums.nuts_id, sums.year, sums.period_years, sums.measure, whole.value, sums.value as sum
from sums
left join series as whole using (nuts_version, nuts_id, year, period_years, measure)
-- A region told by years need not be told by periods too.
where (whole.value is null and sums.period_years = 1)
    or abs(whole.value - sums.value)
    > if(sums.measure = 'population', (sums.parts + 1) / 2, 1e-6 * (1 + abs(sums.value)))

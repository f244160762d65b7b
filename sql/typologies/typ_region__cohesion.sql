-- Category of Cohesion Policy by the GDP of the NUTS-2 region: computed, not the official
-- list, which was drawn up on NUTS 2016 and on the figures of its day.
with series as (select * from indicators.ind_region__series),

periods as (select * from indicators.ind_region__periods),

regions as (select * from indicators.ind_region__list),

limits as (
    select
        threshold('cohesion_first_year') as first_year,
        threshold('cohesion_last_year') as last_year,
        threshold('cohesion_less_pct') as less_pct,
        threshold('cohesion_more_pct') as more_pct
),

yearly as (
    select
        series.nuts_version,
        series.nuts_id,
        avg(series.value) as gdp_mean_pct
    from series
    cross join limits
    where series.measure = 'gdp_eu_index_pct'
        and length(series.nuts_id) = 4
        and series.year between limits.first_year and limits.last_year
    group by series.nuts_version, series.nuts_id, limits.first_year, limits.last_year
    having count(series.value) = limits.last_year - limits.first_year + 1
),

-- Where no years were fetched, the embedded mean of later years, of NUTS 3 by people.
means as (
    select *, 'Eurostat, 2015 to 2017' as cohesion_basis from yearly
    union all
    select nuts_version, nuts_id, gdp_pct_of_eu, 'embedded, NUTS 3 by people, 2017 to 2019'
    from periods
    where length(nuts_id) = 4 and gdp_pct_of_eu is not null
        and not exists (
            select 1 from yearly
            where yearly.nuts_version = periods.nuts_version and yearly.nuts_id = periods.nuts_id
        )
),

final as (
    select
        means.nuts_version,
        means.nuts_id,
        means.gdp_mean_pct,
        means.cohesion_basis,
        case
            when gdp_mean_pct < limits.less_pct then 'less developed'
            when gdp_mean_pct <= limits.more_pct then 'transition'
            else 'more developed'
        end as cohesion_category
    from means
    inner join regions
        on regions.nuts_version = means.nuts_version and regions.nuts_id = means.nuts_id
        and regions.country_group = 'EU'
    cross join limits
)

select * from final

-- Population of NUTS-3 regions in the census years by Eurostat's series: the yearly one where it was
-- fetched and knows both years, else the embedded figures. Registers were not all revised to the
-- census, so this is not the census.
with yearly as (select * from indicators.ind_region__population_yearly),

five_year as (select * from staging.stg_eurostat__five_year),

years as (
    select
        threshold('population_first_year')::integer as year_start,
        threshold('population_last_year')::integer as year_end
),

fetched as (
    select
        first_year.nuts_id,
        first_year.population as population_start,
        last_year.population as population_end,
        concat(first_year.flag, last_year.flag) as flags,
        first_year.is_converted or last_year.is_converted as is_converted,
        exists (
            select 1 from yearly
            where yearly.nuts_id = first_year.nuts_id and yearly.is_break
                and yearly.year > years.year_start and yearly.year <= years.year_end
        ) as has_break
    from years
    inner join yearly as first_year on first_year.year = years.year_start
    inner join yearly as last_year
        on last_year.year = years.year_end and last_year.nuts_id = first_year.nuts_id
),

embedded as (
    select
        first_year.nuts_id,
        first_year.population as population_start,
        last_year.population as population_end,
        bool_or(period.is_converted) as is_converted,
        bool_or(period.is_break) as has_break
    from years
    inner join five_year as first_year on first_year.year = years.year_start
    inner join five_year as last_year
        on last_year.year = years.year_end and last_year.nuts_id = first_year.nuts_id
    inner join five_year as period
        on period.nuts_id = first_year.nuts_id
        and period.year >= years.year_start and period.year < years.year_end
    where first_year.population is not null and last_year.population is not null
    group by first_year.nuts_id, first_year.population, last_year.population
),

final as (
    select
        nuts_id, population_start::bigint as population_start,
        population_end::bigint as population_end,
        'Eurostat demo_r_pjanaggr3 / pjangrp3' as series_source,
        flags, is_converted, has_break
    from fetched
    union all
    select
        nuts_id, population_start, population_end, 'Eurostat, five-year figures',
        null, is_converted, has_break
    from embedded
    where nuts_id not in (select nuts_id from fetched)
)

select * from final

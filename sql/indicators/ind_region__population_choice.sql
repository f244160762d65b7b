-- Which source and which two years the whole database shows: never a mixture.
-- Eurostat's series where it is there and known widely enough, otherwise the censuses.
with yearly as (select * from indicators.ind_region__population_yearly),

known as (select year, count(*) as regions from yearly group by year),

listed as (select count(distinct nuts_id) as regions from yearly),

latest as (
    select max(known.year) as year_end
    from known
    cross join listed
    where known.regions >= threshold('population_least_known_share') * listed.regions
),

-- The span must begin with a year that the series holds.
span as (
    select known.year as year_start, latest.year_end
    from latest
    inner join known on known.year = latest.year_end - threshold('population_span_years')::integer
),

final as (
    select
        case
            when span.year_end is null then 'census grid, JRC'
            else 'Eurostat demo_r_pjanaggr3 / pjangrp3'
        end as population_source,
        coalesce(span.year_start, 2011)::integer as year_start,
        coalesce(span.year_end, 2021)::integer as year_end
    from (select 1) as always
    left join span on true
)

select * from final

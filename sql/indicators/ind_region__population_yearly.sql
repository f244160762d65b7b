-- Eurostat's population on 1 January of each region of level 3, NUTS 2021.
-- The main table ends some years before the age table: the age table's totals stand
-- in only where the main one has no figure.
with series as (select * from indicators.ind_region__series),

regions as (select nuts_id from staging.stg_gisco__nuts_2021 where level = 3),

-- Revisions and moved borders; people who came or went in a single year did so, and count.
findings as (
    select distinct nuts_id, year + 1 as year
    from indicators.ind_region__change_findings
    where nuts_version = 2021 and rule in ('census_revision', 'moved_border')
),

final as (
    select
        series.nuts_id,
        series.year,
        round(series.value)::bigint as population,
        case series.measure
            when 'population' then 'demo_r_pjanaggr3' else 'demo_r_pjangrp3'
        end as eurostat_table,
        series.flag,
        contains(coalesce(series.flag, ''), 'b') or findings.year is not null as is_break,
        series.conversion in ('merged', 'estimated') as is_converted
    from series
    inner join regions on regions.nuts_id = series.nuts_id
    left join findings
        on findings.nuts_id = series.nuts_id and findings.year = series.year
    where series.nuts_version = 2021
        and series.measure in ('population', 'population_by_age')
        and series.value is not null
    qualify row_number() over (
        partition by series.nuts_id, series.year order by series.measure = 'population' desc
    ) = 1
)

select * from final

-- Where people came from and went to, year by year: births, deaths, and the rest.
-- The rest is net migration together with Eurostat's statistical adjustment, which
-- is large in years of a census revision.
with series as (select * from indicators.ind_region__series),

yearly as (
    select
        nuts_version,
        nuts_id,
        year,
        max(value) filter (where measure = 'population') as population_main,
        max(value) filter (where measure = 'population_by_age') as population_by_age,
        max(value) filter (where measure = 'births') as births,
        max(value) filter (where measure = 'deaths') as deaths,
        bool_or(measure = 'population' and contains(coalesce(flag, ''), 'b')) as is_break_main,
        bool_or(measure = 'population_by_age' and contains(coalesce(flag, ''), 'b'))
            as is_break_by_age,
        bool_or(
            measure in ('births', 'deaths') and contains(coalesce(flag, ''), 'b')
        ) as is_break_events,
        string_agg(flag, '' order by measure) filter (where measure like 'population%')
            as population_flag,
        string_agg(flag, '' order by measure) filter (where measure in ('births', 'deaths'))
            as events_flag,
        bool_or(conversion in ('merged', 'estimated')) as is_converted
    from series
    where measure in ('population', 'population_by_age', 'births', 'deaths')
    group by nuts_version, nuts_id, year
),

-- The main table ends some years before the age table: the later years are the
-- totals of the age table, and only those.
chosen as (
    select
        *,
        coalesce(population_main, population_by_age) as population,
        case
            when population_main is not null then 'demo_r_pjanaggr3'
            when population_by_age is not null then 'demo_r_pjangrp3'
        end as population_source
    from yearly
),

next_year as (
    select
        nuts_version,
        nuts_id,
        year - 1 as year,
        population_main as next_main,
        population_by_age as next_by_age,
        is_break_main as is_break_next_main,
        is_break_by_age as is_break_next_by_age
    from chosen
),

-- Both ends of a change are of one table: the two are revised at different times.
changes as (
    select
        chosen.*,
        case
            when chosen.population_main is not null and next_year.next_main is not null
                then next_year.next_main
            when chosen.population_by_age is not null then next_year.next_by_age
        end as population_next,
        case
            when chosen.population_main is not null and next_year.next_main is not null
                then chosen.population_main
            else chosen.population_by_age
        end as population_before,
        case
            when chosen.population_main is not null and next_year.next_main is not null
                then next_year.is_break_next_main
            else next_year.is_break_next_by_age
        end as is_break_next
    from chosen
    left join next_year using (nuts_version, nuts_id, year)
),

final as (
    select
        nuts_version,
        nuts_id,
        year,
        population,
        population_source,
        population_next,
        births,
        deaths,
        births - deaths as natural_change,
        population_next - population_before as total_change,
        total_change - natural_change as net_migration,
        -- Crude rates are per 1 000 of the mean of both 1 Januaries.
        1000 * natural_change / ((population_before + population_next) / 2)
            as natural_change_per_1000,
        1000 * net_migration / ((population_before + population_next) / 2)
            as net_migration_per_1000,
        1000 * total_change / ((population_before + population_next) / 2)
            as total_change_per_1000,
        -- A break says that the figure does not continue the one of the year before.
        coalesce(is_break_next, false) or coalesce(is_break_events, false) as is_break,
        population_flag,
        events_flag,
        is_converted
    from changes
)

select * from final

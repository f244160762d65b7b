-- One line a region and date: people on 1 January, and births and deaths of the five years that begin
-- there. A break lies in those five years; estimated means brought from an older NUTS vintage.
with figures as (select * from raw.eurostat_five_year),

dates as (
    select
        nuts_id, 2001 as year, pop_2001 as population, births_2001_05 as births,
        deaths_2001_05 as deaths, '1' as digit, break_periods, estimated_periods
    from figures
    union all
    select
        nuts_id, 2006, pop_2006, births_2006_10, deaths_2006_10, '2', break_periods,
        estimated_periods
    from figures
    union all
    select
        nuts_id, 2011, pop_2011, births_2011_15, deaths_2011_15, '3', break_periods,
        estimated_periods
    from figures
    union all
    select
        nuts_id, 2016, pop_2016, births_2016_20, deaths_2016_20, '4', break_periods,
        estimated_periods
    from figures
    union all
    select nuts_id, 2021, pop_2021, null, null, '-', break_periods, estimated_periods from figures
),

final as (
    select
        nuts_id,
        year,
        population,
        births,
        deaths,
        contains(coalesce(break_periods, ''), digit) as is_break,
        contains(coalesce(estimated_periods, ''), digit) as is_converted
    from dates
)

select * from final

with population as (select * from indicators.ind_region__population),

changes as (
    select
        *,
        100.0 * (population_end - population_start) / population_start as change_pct,
        100.0 * (series_population_end - series_population_start) / series_population_start
            as series_change_pct
    from population
),

final as (
    select
        nuts_id,
        (population_end - population_start)::bigint as change_people,
        change_pct,
        -- Compound annual rate: the same rate each year gives the same end.
        100.0 * (
            pow(population_end::double / population_start, 1.0 / (year_end - year_start)) - 1
        ) as annual_change_pct,
        series_change_pct,
        100.0 * (
            pow(
                series_population_end::double / series_population_start,
                1.0 / (threshold('population_last_year') - threshold('population_first_year'))
            ) - 1
        ) as series_annual_change_pct,
        abs(change_pct - series_change_pct) > threshold('change_two_answers_points')
            as has_two_answers
    from changes
)

select * from final

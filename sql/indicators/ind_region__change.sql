with population as (select * from indicators.ind_region__population),

final as (
    select
        nuts_id,
        (population_end - population_start)::bigint as change_people,
        100.0 * (population_end - population_start) / population_start as change_pct,
        -- Compound annual rate: the same rate each year gives the same end.
        100.0 * (
            pow(population_end::double / population_start, 1.0 / (year_end - year_start)) - 1
        ) as annual_change_pct
    from population
)

select * from final

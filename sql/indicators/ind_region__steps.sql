-- What types are made of: the years of a region and its periods of five years. Only one of both, the
-- region's basis, tells its causes.
with basis as (select * from indicators.ind_region__basis),

yearly as (select * from indicators.ind_region__components),

periods as (select * from indicators.ind_region__periods),

steps as (
    select
        'Eurostat yearly' as demography_basis, nuts_version, nuts_id, year, 1 as period_years,
        population_next, total_change, net_migration, natural_change_per_1000,
        net_migration_per_1000, is_break, is_converted
    from yearly
    union all
    select
        'Eurostat five-year (embedded)', nuts_version, nuts_id, year, period_years,
        population_next, total_change, net_migration, natural_change_per_1000,
        net_migration_per_1000, is_break, is_converted
    from periods
    where period_years > 0
),

final as (
    select
        steps.nuts_version,
        steps.nuts_id,
        steps.year,
        (steps.year + steps.period_years - 1)::integer as last_year,
        steps.period_years,
        steps.demography_basis,
        steps.demography_basis = basis.demography_basis as is_basis,
        steps.population_next,
        steps.total_change,
        steps.net_migration,
        steps.natural_change_per_1000,
        steps.net_migration_per_1000,
        steps.is_break,
        steps.is_converted
    from steps
    inner join basis using (nuts_version, nuts_id)
)

select * from final

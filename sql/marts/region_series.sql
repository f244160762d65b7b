-- One line a region and year: people, births, deaths, migration, age, wealth.
with components as (select * from indicators.ind_region__components),

regions as (select * from indicators.ind_region__list),

series as (select * from indicators.ind_region__series),

structure as (
    select
        nuts_version,
        nuts_id,
        year,
        max(value) filter (where measure = 'median_age') as median_age,
        max(value) filter (where measure = 'age_0_14_pct') as age_0_14_pct,
        max(value) filter (where measure = 'age_65_pct') as age_65_pct,
        max(value) filter (where measure = 'age_80_pct') as age_80_pct,
        max(value) filter (where measure = 'old_age_ratio_pct') as old_age_ratio_pct,
        max(value) filter (where measure = 'young_age_ratio_pct') as young_age_ratio_pct,
        max(value) filter (where measure = 'dependency_ratio_pct') as dependency_ratio_pct,
        max(value) filter (where measure = 'density_per_km2') as density_per_km2,
        max(value) filter (where measure = 'gdp_mio_pps') as gdp_mio_pps,
        max(value) filter (where measure = 'gdp_pps_per_head') as gdp_pps_per_head,
        max(value) filter (where measure = 'gdp_eu_index_pct') as gdp_pct_of_eu,
        string_agg(distinct flag, '' order by flag) filter (where measure = 'median_age') as age_flag,
        string_agg(distinct flag, '' order by flag) filter (where measure like 'gdp%') as gdp_flag
    from series
    where measure not in ('population', 'population_by_age', 'births', 'deaths')
    group by nuts_version, nuts_id, year
),

-- Least direct way in which any figure of the year came to the region.
status as (
    select
        nuts_version,
        nuts_id,
        year,
        case max(
            case conversion
                when 'as_published' then 0 when 'unchanged' then 1 when 'recoded' then 2
                when 'merged' then 3 else 4
            end
        )
            when 0 then 'as_published' when 1 then 'unchanged' when 2 then 'recoded'
            when 3 then 'merged' else 'estimated'
        end as conversion,
        string_agg(distinct state, ', ' order by state)
            filter (where state not in ('value', 'missing')) as gaps
    from series
    group by nuts_version, nuts_id, year
),

final as (
    select
        regions.nuts_version,
        regions.nuts_id,
        regions.level,
        regions.country,
        status.year,
        components.population,
        components.population_source,
        components.births,
        components.deaths,
        components.natural_change,
        components.net_migration,
        components.total_change,
        -- Crude rates are per 1 000 of the mean of both 1 Januaries.
        1000 * components.births
            / (components.population_next - components.total_change / 2) as births_per_1000,
        1000 * components.deaths
            / (components.population_next - components.total_change / 2) as deaths_per_1000,
        components.natural_change_per_1000,
        components.net_migration_per_1000,
        components.total_change_per_1000,
        structure.age_0_14_pct,
        100 - structure.age_0_14_pct - structure.age_65_pct as age_15_64_pct,
        structure.age_65_pct,
        structure.age_80_pct,
        structure.median_age,
        structure.old_age_ratio_pct,
        structure.young_age_ratio_pct,
        structure.dependency_ratio_pct,
        structure.density_per_km2,
        structure.gdp_mio_pps,
        structure.gdp_pps_per_head,
        structure.gdp_pct_of_eu,
        coalesce(components.is_break, false) as is_break,
        components.population_flag,
        components.events_flag,
        structure.age_flag,
        structure.gdp_flag,
        status.conversion,
        status.conversion in ('merged', 'estimated') as is_converted,
        status.gaps
    from status
    inner join regions using (nuts_version, nuts_id)
    left join components using (nuts_version, nuts_id, year)
    left join structure using (nuts_version, nuts_id, year)
)

select * from final
order by nuts_version, level, nuts_id, year

-- One line a region and year: people, births, deaths, migration, age, wealth. A region whose
-- demography the years do not tell has lines of five years, with sums of births and deaths.
with components as (select * from indicators.ind_region__components),

regions as (select * from indicators.ind_region__list),

series as (select * from indicators.ind_region__series),

measures as (select * from indicators.ind_region__series_wide),

basis as (select * from indicators.ind_region__basis),

periods as (select * from indicators.ind_region__periods),

-- Least direct way in which any figure of the year came to the region.
status as (
    select
        nuts_version,
        nuts_id,
        year,
        case max(
            case conversion
                when 'as_published' then 0 when 'unchanged' then 1 when 'recoded' then 2
                when 'added_up' then 3 when 'corrected' then 4 when 'merged' then 5 else 6
            end
        )
            when 0 then 'as_published' when 1 then 'unchanged' when 2 then 'recoded'
            when 3 then 'added_up' when 4 then 'corrected' when 5 then 'merged' else 'estimated'
        end as conversion,
        string_agg(distinct state, ', ' order by state)
            filter (where state not in ('value', 'missing')) as gaps,
        string_agg(distinct flag, '' order by flag) filter (where measure = 'median_age') as age_flag,
        string_agg(distinct flag, '' order by flag) filter (where measure like 'gdp%') as gdp_flag
    from series
    group by nuts_version, nuts_id, year
),

-- Of events and migration the components say it themselves.
findings as (
    select
        nuts_version,
        nuts_id,
        year,
        string_agg(distinct rule, ', ' order by rule) as findings
    from indicators.ind_region__figure_findings
    group by nuts_version, nuts_id, year
),

yearly as (
    select
        regions.nuts_version,
        regions.nuts_id,
        regions.level,
        regions.country,
        status.year,
        1 as period_years,
        -- People are whole; the rates below are of the figure as it was converted.
        round(components.population)::bigint as population,
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
        -- A column a row of the seed series_measures that names one.
        measures.* exclude (nuts_version, nuts_id, year)
            replace (
                100 - measures.age_0_14_pct - measures.age_65_pct as age_15_64_pct,
                100 * measures.women_20_39 / components.population as women_20_39_pct
            ),
        coalesce(components.is_break, false) as is_break,
        components.population_flag,
        components.events_flag,
        status.age_flag,
        status.gdp_flag,
        status.conversion,
        status.conversion in ('merged', 'estimated') as is_converted,
        status.gaps,
        nullif(concat_ws(', ', components.findings, findings.findings), '') as findings
    from status
    inner join regions using (nuts_version, nuts_id)
    left join components using (nuts_version, nuts_id, year)
    left join measures using (nuts_version, nuts_id, year)
    left join findings using (nuts_version, nuts_id, year)
),

five_yearly as (
    select
        periods.* exclude (population, population_next),
        regions.level,
        regions.country,
        periods.population::bigint as population,
        if(periods.population is not null, 'five-year figures', null) as population_source,
        if(periods.is_converted, 'estimated', 'as_published') as conversion
    from periods
    inner join regions using (nuts_version, nuts_id)
    inner join basis using (nuts_version, nuts_id)
    where basis.demography_basis = 'Eurostat five-year (embedded)'
),

final as (
    select * from yearly
    union all by name
    select * from five_yearly
)

select * from final
order by nuts_version, level, nuts_id, year, period_years

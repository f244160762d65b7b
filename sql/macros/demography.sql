-- Why each region grows or shrinks, over its latest window or the one that is chosen: its length,
-- the last year of events that it may end with, and how much earlier a region's may end.
-- `vintage` and `nuts_level` narrow what is returned. A region without yearly figures is told by
-- periods of five years; of these the latest may be the one before the newest, unless a period is chosen.
create macro marts.demography(
    moved := null::map(varchar, double),
    vintage := null,
    nuts_level := null,
    chosen_years := null,
    chosen_until := null,
    chosen_slack := null
) as table
with regions as (
    select * from indicators.ind_region__list
    where in_scope(nuts_version, nuts_id, vintage, nuts_level)
),

causes as (
    select * from typologies.cause(
        moved,
        vintage,
        nuts_level,
        chosen_years,
        chosen_until - coalesce(
            chosen_slack,
            -- The newest period may itself end before the newest year.
            threshold('window_slack_years', moved)
                + threshold('window_slack_period_years', moved)
        ),
        chosen_until
    )
),

-- A region without a basis has no window, but may have ages or wealth by years.
basis as (
    select
        regions.nuts_version,
        regions.nuts_id,
        told.demography_basis,
        coalesce(told.demography_basis = 'Eurostat five-year (embedded)', false) as is_five_year
    from regions
    left join indicators.ind_region__basis as told using (nuts_version, nuts_id)
),

shapes as (select * from typologies.typ_region__shape),

cohesion as (select * from typologies.typ_region__cohesion),

series as (
    select
        region_series.*,
        -- An age that neither neighbour continues is in no class.
        case
            when not coalesce(contains(region_series.findings, 'median_age_spike'), false)
                then region_series.median_age
        end as sound_age,
        -- Wealth of a period is a mean of years; its middle one stands for it.
        region_series.year + if(region_series.period_years = 5, 2, 0) as wealth_year
    from marts.region_series
    inner join basis using (nuts_version, nuts_id)
    where in_scope(nuts_version, nuts_id, vintage, nuts_level)
        and basis.is_five_year = coalesce(region_series.period_years != 1, false)
),

limits as (
    select
        coalesce(chosen_until, threshold('window_last_year', moved)) as last_year,
        coalesce(chosen_slack, threshold('window_slack_years', moved)) as slack,
        coalesce(chosen_slack, threshold('window_slack_period_years', moved)) as slack_periods,
        threshold('ageing_median_1', moved) as median_1,
        threshold('ageing_median_2', moved) as median_2,
        threshold('ageing_median_3', moved) as median_3,
        threshold('ageing_median_4', moved) as median_4,
        threshold('ageing_median_5', moved) as median_5,
        threshold('watch_annual_pct', moved) as watch_annual_pct,
        threshold('watch_median_age', moved) as watch_median_age,
        threshold('watch_gdp_pct', moved) as watch_gdp_pct
),

newest as (
    select
        basis.is_five_year,
        least(max(causes.year), max(limits.last_year)) as year
    from causes
    inner join basis using (nuts_version, nuts_id)
    cross join limits
    group by basis.is_five_year
),

latest as (
    select causes.*
    from causes
    inner join basis using (nuts_version, nuts_id)
    inner join newest using (is_five_year)
    cross join limits
    where causes.year between newest.year - if(is_five_year, limits.slack_periods, limits.slack)
        and newest.year
        -- A chosen period is exact where no slack is given.
        and (chosen_slack is null or causes.year >= limits.last_year - chosen_slack)
    qualify row_number() over (
        partition by causes.nuts_version, causes.nuts_id order by causes.year desc
    ) = 1
),

span as (
    select
        regions.nuts_version,
        regions.nuts_id,
        latest.year - latest.window_years + 1 as year_start,
        latest.year + 1 as year_end,
        basis.demography_basis,
        -- Without a window, age and wealth are those at the end of the period asked for; the
        -- embedded ones are of one year alone, which may be later than the latest sound window.
        case
            when basis.is_five_year then (select max(year) from newest)
            else coalesce(latest.year, newest.year)
        end + 1 as year_until
    from regions
    inner join basis using (nuts_version, nuts_id)
    left join newest on newest.is_five_year = basis.is_five_year
    left join latest using (nuts_version, nuts_id)
),

-- The newest figures known at the end of the window.
states as (
    select
        span.nuts_version,
        span.nuts_id,
        max(series.population) filter (where series.year = span.year_start) as population_start,
        max(series.population) filter (where series.year = span.year_end) as population_end,
        bool_or(series.is_break)
            filter (where series.year >= span.year_start and series.year < span.year_end)
            as change_spans_break,
        max(series.year) filter (where series.sound_age is not null) as age_year,
        arg_max(series.sound_age, series.year) as median_age,
        max(series.sound_age) filter (where series.year = span.year_start) as median_age_start,
        -- A step in between is no ageing.
        bool_or(contains(series.findings, 'median_age_step'))
            filter (where series.year > span.year_start) as age_has_step,
        arg_max(series.age_0_14_pct, series.year) as age_0_14_pct,
        arg_max(series.age_65_pct, series.year) as age_65_pct,
        arg_max(series.age_80_pct, series.year) as age_80_pct,
        arg_max(series.age_20_39_pct, series.year) as age_20_39_pct,
        arg_max(series.women_per_100_men, series.year) as women_per_100_men,
        arg_max(series.women_20_39, series.year) as women_20_39,
        arg_max(series.women_20_39_pct, series.year) as women_20_39_pct,
        arg_max(series.old_age_ratio_pct, series.year) as old_age_ratio_pct,
        arg_max(series.young_age_ratio_pct, series.year) as young_age_ratio_pct,
        arg_max(series.density_per_km2, series.year) as density_per_km2,
        max(series.wealth_year) filter (where series.gdp_pct_of_eu is not null) as gdp_year,
        arg_max(series.gdp_pps_per_head, series.year) as gdp_pps_per_head,
        arg_max(series.gdp_pct_of_eu, series.year) as gdp_pct_of_eu
    from span
    inner join series
        on series.nuts_version = span.nuts_version
        and series.nuts_id = span.nuts_id
        and series.year <= span.year_until
    group by span.nuts_version, span.nuts_id
),

-- Travel times exist for the settlements of regions of NUTS 2021 only.
remoteness as (select * from typologies.typ_region__urban_rural_remoteness),

criteria as (
    select
        span.nuts_version,
        span.nuts_id,
        latest.annual_change_pct < limits.watch_annual_pct as is_watch_shrinking,
        states.median_age >= limits.watch_median_age as is_watch_aged,
        ends_with(remoteness.remoteness, ', remote') as is_watch_remote,
        states.gdp_pct_of_eu < limits.watch_gdp_pct as is_watch_poor
    from span
    cross join limits
    left join latest using (nuts_version, nuts_id)
    left join states using (nuts_version, nuts_id)
    left join remoteness
        on remoteness.nuts_id = span.nuts_id and span.nuts_version = 2021
),

final as (
    select
        regions.nuts_version,
        regions.nuts_id,
        regions.level,
        regions.country,
        regions.country_name,
        regions.country_group,
        regions.name,
        regions.urban_rural,
        span.demography_basis,
        span.year_start::integer as year_start,
        span.year_end::integer as year_end,
        latest.years_used,
        states.population_start,
        states.population_end,
        states.change_spans_break,
        latest.annual_change_pct,
        latest.natural_change_per_1000,
        latest.net_migration_per_1000,
        latest.webb_type,
        latest.shrinking_class,
        latest.cause,
        latest.active_share,
        duration_class(
            shapes.earlier_annual_change_pct,
            shapes.recent_annual_change_pct,
            shapes.overall_annual_change_pct,
            moved
        ) as duration_class,
        shapes.shape,
        shapes.earlier_annual_change_pct,
        shapes.recent_annual_change_pct,
        shapes.earlier_from,
        shapes.recent_from,
        shapes.recent_to,
        states.age_year,
        states.median_age,
        case when not coalesce(states.age_has_step, false)
            then states.median_age - states.median_age_start end as median_age_change,
        states.age_0_14_pct,
        states.age_65_pct,
        states.age_80_pct,
        states.age_20_39_pct,
        states.women_per_100_men,
        states.women_20_39,
        states.women_20_39_pct,
        states.old_age_ratio_pct,
        states.young_age_ratio_pct,
        case
            when states.median_age is null then null
            when states.median_age < limits.median_1 then 'young'
            when states.median_age < limits.median_2 then 'fairly young'
            when states.median_age < limits.median_3 then 'middle'
            when states.median_age < limits.median_4 then 'fairly old'
            when states.median_age < limits.median_5 then 'old'
            else 'very old'
        end as ageing_class,
        states.density_per_km2,
        states.gdp_year,
        states.gdp_pps_per_head,
        states.gdp_pct_of_eu,
        case when regions.level >= 2 then left(regions.nuts_id, 4) end as nuts2_id,
        cohesion.gdp_mean_pct as cohesion_gdp_pct,
        cohesion.cohesion_category,
        cohesion.cohesion_basis,
        criteria.is_watch_shrinking,
        criteria.is_watch_aged,
        criteria.is_watch_remote,
        criteria.is_watch_poor,
        (coalesce(criteria.is_watch_shrinking::integer, 0)
            + coalesce(criteria.is_watch_aged::integer, 0)
            + coalesce(criteria.is_watch_remote::integer, 0)
            + coalesce(criteria.is_watch_poor::integer, 0))::integer as watch_count,
        ((criteria.is_watch_shrinking is not null)::integer
            + (criteria.is_watch_aged is not null)::integer
            + (criteria.is_watch_remote is not null)::integer
            + (criteria.is_watch_poor is not null)::integer)::integer as watch_known,
        latest.is_converted,
        regions.geometry
    from regions
    cross join limits
    left join span using (nuts_version, nuts_id)
    left join latest using (nuts_version, nuts_id)
    left join states using (nuts_version, nuts_id)
    left join shapes using (nuts_version, nuts_id)
    left join criteria using (nuts_version, nuts_id)
    left join cohesion
        on cohesion.nuts_version = regions.nuts_version
        and cohesion.nuts_id = left(regions.nuts_id, 4)
)

select * from final

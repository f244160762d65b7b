-- Why a region's population changes: Webb's eight types, and for shrinking regions
-- whether people leave (active), too few are born (legacy), or both (mixed), from
-- means over the years that end with `year`. A year across a break is left out of
-- every mean; a window of which too few years are left has no type. A region without yearly
-- figures has steps of five years, which count as five.
-- `chosen_years` replaces the length of the window; the others narrow what is returned: a NUTS
-- version, a level, the last years of the windows.
create macro typologies.cause(
    moved := null::map(varchar, double),
    vintage := null,
    nuts_level := null,
    chosen_years := null,
    from_year := null,
    until_year := null
) as table
with steps as (
    select * from indicators.ind_region__steps
    where is_basis and in_scope(nuts_version, nuts_id, vintage, nuts_level)
),

limits as (
    select
        coalesce(chosen_years, threshold('webb_window_years', moved)) as window_years,
        threshold('window_min_years_share', moved) as min_years_share
),

usable as (
    select
        *,
        ln(population_next / nullif(population_next - total_change, 0)) as log_change
    from steps
    where net_migration_per_1000 is not null and population_next > 0 and not is_break
),

windows as (
    select
        here.nuts_version,
        here.nuts_id,
        here.last_year as year,
        limits.window_years,
        sum(past.period_years) as years_used,
        -- As decimals: the result must not depend on the order of rows.
        sum(past.natural_change_per_1000::decimal(30, 15) * past.period_years)::double
            / years_used as natural_mean,
        sum(past.net_migration_per_1000::decimal(30, 15) * past.period_years)::double
            / years_used as migration_mean,
        sum(past.log_change::decimal(30, 15))::double / years_used as log_mean,
        bool_or(past.is_converted) as is_converted
    from steps as here
    cross join limits
    inner join usable as past
        on here.nuts_version = past.nuts_version
        and here.nuts_id = past.nuts_id
        and past.year > here.last_year - limits.window_years
        and past.last_year <= here.last_year
    -- The last year must have its change, be it across a break.
    where here.net_migration is not null
        and (from_year is null or here.last_year >= from_year)
        and (until_year is null or here.last_year <= until_year)
    group by
        here.nuts_version, here.nuts_id, here.last_year, limits.window_years, limits.min_years_share
    having sum(past.period_years) >= limits.min_years_share * limits.window_years
),

-- Compound rate: the same rate in each year that counts gives the same change.
rates as (
    select
        windows.*,
        100 * (exp(log_mean) - 1) as annual_change_pct,
        abs(migration_mean) / nullif(abs(natural_mean) + abs(migration_mean), 0) as migration_weight
    from windows
),

final as (
    select
        nuts_version,
        nuts_id,
        year,
        window_years::integer as window_years,
        years_used::integer as years_used,
        natural_mean as natural_change_per_1000,
        migration_mean as net_migration_per_1000,
        annual_change_pct,
        webb_type(natural_mean, migration_mean, moved) as webb_type,
        shrinking_class(annual_change_pct, moved) as shrinking_class,
        shrinking_cause(annual_change_pct, natural_mean, migration_mean, moved) as cause,
        case when natural_mean < 0 and migration_mean < 0 then migration_weight end as active_share,
        is_converted
    from rates
)

select * from final

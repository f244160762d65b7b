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
        threshold('window_min_years_share', moved) as min_years_share,
        threshold('webb_stationary_per_1000', moved) as stationary,
        threshold('shrinking_severe_annual_pct', moved) as severe,
        threshold('shrinking_moderate_annual_pct', moved) as moderate,
        threshold('shrinking_annual_pct', moved) as shrinking,
        threshold('cause_active_min_share', moved) as active_min,
        threshold('cause_legacy_max_share', moved) as legacy_max
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
        limits.* exclude (window_years),
        100 * (exp(log_mean) - 1) as annual_change_pct,
        abs(migration_mean) / nullif(abs(natural_mean) + abs(migration_mean), 0) as migration_weight
    from windows
    cross join limits
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
        case
            when abs(natural_mean + migration_mean) <= stationary then 'stationary'
            when natural_mean > 0 and migration_mean < 0 and natural_mean > abs(migration_mean)
                then 'A'
            -- A tie of natural change and migration goes to B and to F.
            when natural_mean >= 0 and migration_mean >= 0 and natural_mean >= migration_mean
                then 'B'
            when natural_mean >= 0 and migration_mean > 0 then 'C'
            when natural_mean < 0 and migration_mean > 0 and migration_mean > abs(natural_mean)
                then 'D'
            when natural_mean < 0 and migration_mean > 0 then 'E'
            when natural_mean <= 0 and migration_mean <= 0
                and abs(natural_mean) >= abs(migration_mean) then 'F'
            when natural_mean <= 0 and migration_mean < 0 then 'G'
            else 'H'
        end as webb_type,
        case
            when annual_change_pct >= shrinking then 'not shrinking'
            when annual_change_pct < severe then 'severe'
            when annual_change_pct < moderate then 'moderate'
            else 'modest'
        end as shrinking_class,
        case
            when annual_change_pct >= shrinking then null
            when migration_mean >= 0 then 'legacy'
            when natural_mean >= 0 then 'active'
            when migration_weight > active_min then 'mixed, mostly active'
            when migration_weight < legacy_max then 'mixed, mostly legacy'
            else 'mixed'
        end as cause,
        case when natural_mean < 0 and migration_mean < 0 then migration_weight end as active_share,
        is_converted
    from rates
)

select * from final

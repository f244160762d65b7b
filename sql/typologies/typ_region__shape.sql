-- How long a region has shrunk, and in which shape: two observed periods of equal
-- length that end with the newest year, without the years across a break. No projection.
-- Periods of five years stand in where years do not tell it: one sound step of two is then enough,
-- and nothing is called sudden, which takes years.
with steps as (select * from indicators.ind_region__steps),

limits as (
    select
        threshold('duration_period_years') as period,
        threshold('window_min_years_share') as min_years_share,
        threshold('duration_min_period_share') as min_years_share_periods,
        threshold('window_slack_years') as slack,
        threshold('window_slack_period_years') as slack_periods,
        threshold('shape_recovery_years') as recovery_years,
        threshold('shape_sudden_years') as sudden_years,
        threshold('shape_sudden_min_share') as sudden_min,
        threshold('shape_lasting_min_share') as lasting_min,
        threshold('shrinking_annual_pct') as shrinking
),

changes as (
    select
        nuts_version,
        nuts_id,
        year,
        period_years,
        -- As a decimal: sums must not depend on the order of rows.
        case when not is_break and population_next > 0
            then ln(population_next / nullif(population_next - total_change, 0)) end
            ::decimal(30, 15) as log_change,
        max(last_year) over (partition by nuts_version, nuts_id, period_years) as last_year,
        -- Each basis has a newest year of its own.
        max(last_year) over (partition by period_years) as newest_year
    from steps
    where total_change is not null
),

placed as (
    select
        changes.*,
        limits.*,
        year > last_year - period as is_recent,
        year > last_year - recovery_years as is_newest,
        -- A run that holds a break counts the years that are known.
        sum(log_change) over (
            partition by nuts_version, nuts_id, period_years order by year
            range between limits.sudden_years - 1 preceding and current row
        ) as run_change
    from changes
    cross join limits
    where year > last_year - 2 * period
        and last_year >= newest_year - if(period_years = 1, slack, slack_periods)
),

periods as (
    select
        nuts_version,
        nuts_id,
        last_year,
        period,
        period_years,
        if(period_years = 1, min_years_share, min_years_share_periods) as least_share,
        min(year) as first_year,
        sum(period_years) filter (where log_change is not null and is_recent) as recent_years,
        sum(period_years) filter (where log_change is not null and not is_recent)
            as earlier_years,
        sum(period_years) filter (where log_change is not null) as known_years,
        100 * (exp((sum(log_change) filter (where is_recent))::double / recent_years) - 1)
            as recent_raw,
        100 * (exp((sum(log_change) filter (where not is_recent))::double / earlier_years) - 1)
            as earlier_raw,
        100 * (exp(sum(log_change)::double / known_years) - 1) as overall_raw,
        sum(log_change) filter (where is_newest) as newest_change,
        min(run_change)::double / nullif(sum(log_change) filter (where log_change < 0), 0)
            as worst_share,
        coalesce(sum(period_years) filter (where log_change < 0), 0)::double / known_years
            as falling_share
    from placed
    group by
        nuts_version, nuts_id, last_year, period_years, period, min_years_share,
        min_years_share_periods
),

known as (
    select
        *,
        case when recent_years >= least_share * period then recent_raw end as recent_pct,
        case when earlier_years >= least_share * period then earlier_raw end as earlier_pct,
        case when recent_pct is not null and earlier_pct is not null then overall_raw end
            as overall_pct
    from periods
    qualify row_number() over (
        partition by nuts_version, nuts_id order by overall_pct is null, period_years
    ) = 1
),

final as (
    select
        known.nuts_version,
        known.nuts_id,
        -- The embedded figures may begin within the earlier period.
        greatest(
            known.last_year + 1 - 2 * known.period, if(known.period_years = 5, known.first_year, 0)
        )::integer as earlier_from,
        (known.last_year + 1 - known.period)::integer as recent_from,
        (known.last_year + 1)::integer as recent_to,
        known.earlier_pct as earlier_annual_change_pct,
        known.recent_pct as recent_annual_change_pct,
        known.overall_pct as overall_annual_change_pct,
        duration_class(earlier_pct, recent_pct, overall_pct) as duration_class,
        case
            when overall_pct is null then null
            when earlier_pct < shrinking and newest_change >= 0 then 'recovering'
            when overall_pct >= shrinking then null
            when worst_share >= sudden_min and period_years = 1 then 'sudden'
            when falling_share >= lasting_min then 'lasting'
            else 'uneven'
        end as shape,
        known.worst_share as worst_run_share,
        known.falling_share as falling_years_share
    from known
    cross join limits
)

select * from final

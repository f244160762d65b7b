-- Whether a region's demography rests on the years or on the embedded periods of five: on the years
-- where they give it a window that is late and whole enough, so that nothing is lost by fetching.
with yearly as (
    select
        nuts_version,
        nuts_id,
        year,
        net_migration,
        count(*) filter (where net_migration is not null and not is_break) over (
            partition by nuts_version, nuts_id order by year
            range between threshold('webb_window_years') - 1 preceding and current row
        ) as usable
    from indicators.ind_region__components
),

newest as (select max(year) as year from yearly where net_migration is not null),

judged as (
    select
        yearly.nuts_version,
        yearly.nuts_id,
        bool_or(
            yearly.net_migration is not null
            and yearly.year >= newest.year - threshold('window_slack_years')
            and yearly.usable
                >= threshold('window_min_years_share') * threshold('webb_window_years')
        ) as has_window
    from yearly
    cross join newest
    group by yearly.nuts_version, yearly.nuts_id
),

five_year as (
    select
        nuts_version,
        nuts_id,
        bool_or(net_migration is not null and not is_break) as has_window
    from indicators.ind_region__periods
    where population is not null or age_65_pct is not null or gdp_pct_of_eu is not null
    group by nuts_version, nuts_id
),

final as (
    select
        nuts_version,
        nuts_id,
        case
            when judged.has_window then 'Eurostat yearly'
            when five_year.has_window or judged.nuts_id is null
                then 'Eurostat five-year (embedded)'
            else 'Eurostat yearly'
        end as demography_basis
    from judged
    full join five_year using (nuts_version, nuts_id)
)

select * from final

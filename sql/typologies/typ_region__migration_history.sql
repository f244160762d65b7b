-- Where people came to live, and when: mean net migration of an earlier and a later period.
-- A year across a break is left out; a period of which too few years are known has no mean.
-- Net migration is what natural change leaves over: from abroad and from other regions alike.
with components as (select * from indicators.ind_region__components),

limits as (
    select
        threshold('migration_history_first_year') as first_year,
        threshold('migration_history_split_year') as split_year,
        threshold('migration_history_min_years') as min_years,
        threshold('migration_history_per_1000') as least
),

means as (
    select
        components.nuts_version,
        components.nuts_id,
        -- As decimals: the result must not depend on the order of rows.
        avg(net_migration_per_1000::decimal(30, 15)) filter (where year < split_year)
            as earlier_per_1000,
        avg(net_migration_per_1000::decimal(30, 15)) filter (where year >= split_year)
            as later_per_1000,
        count(*) filter (where year < split_year) as earlier_years,
        count(*) filter (where year >= split_year) as later_years,
        max(year) as last_year,
        bool_or(is_converted) as is_converted
    from components
    cross join limits
    where year >= first_year and net_migration_per_1000 is not null and not is_break
    group by components.nuts_version, components.nuts_id
),

final as (
    select
        means.* exclude (earlier_years, later_years),
        earlier_years::integer as earlier_years,
        later_years::integer as later_years,
        case
            when earlier_per_1000 >= least and later_per_1000 >= least then 'long-lasting'
            when earlier_per_1000 >= least then 'former'
            when later_per_1000 >= least then 'new'
            else 'none'
        end as migration_history
    from means
    cross join limits
    where earlier_years >= min_years and later_years >= min_years
)

select * from final

with change as (select * from indicators.ind_region__change),

limits as (
    select value as stable_pct from seeds.thresholds where name = 'trend_stable_annual_pct'
),

final as (
    select
        change.nuts_id,
        case
            when change.annual_change_pct is null then null
            when change.annual_change_pct < -limits.stable_pct then 'shrinking'
            when change.annual_change_pct > limits.stable_pct then 'growing'
            else 'stable'
        end as trend
    from change
    cross join limits
)

select * from final

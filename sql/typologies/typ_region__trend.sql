with change as (select * from indicators.ind_region__change),

final as (
    select
        change.nuts_id,
        case
            when change.annual_change_pct is null then null
            when change.annual_change_pct < -threshold('trend_stable_annual_pct') then 'shrinking'
            when change.annual_change_pct > threshold('trend_stable_annual_pct') then 'growing'
            else 'stable'
        end as trend
    from change
)

select * from final

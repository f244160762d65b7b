-- One rule, two sources of the same ten years; where the census is not known both are the series.
with classed as (
    select
        nuts_id,
        trend_class(annual_change_pct) as trend,
        trend_class(series_annual_change_pct) as series_trend
    from indicators.ind_region__change
),

final as (
    select *, trend <> series_trend as has_two_trends
    from classed
)

select * from final

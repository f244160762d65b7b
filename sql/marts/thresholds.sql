with thresholds as (
    select * from seeds.thresholds
),

orders as (
    select lower_threshold as name, list(upper_threshold order by upper_threshold) as must_stay_below
    from seeds.threshold_orders
    group by lower_threshold
),

final as (
    select
        thresholds.name,
        thresholds.value,
        thresholds.unit,
        thresholds.label,
        thresholds.source,
        thresholds.evidence,
        orders.must_stay_below
    from thresholds
    left join orders using (name)
)

select * from final
order by name

-- The region of 2021 of each municipality of 2019. The list is of NUTS 2016: a region of 2016
-- that went on whole takes its municipalities along, whatever its new code. Which of a
-- divided region's municipalities went where the list cannot tell: NULL.
with units as (select * from staging.stg_eurostat__lau),

heirs as (
    select nuts_id_2016, min(nuts_id) as nuts_id, max(heirs) as heirs
    from indicators.ind_region__heirs_2016
    group by nuts_id_2016
),

final as (
    select
        units.lau_id,
        case when heirs.heirs = 1 then heirs.nuts_id end as nuts_id,
        case
            when heirs.heirs is null then 'no region in the crosswalk'
            when heirs.heirs > 1 then 'region divided'
            when heirs.nuts_id = units.nuts_id_2016 then 'same code'
            else 'new code'
        end as placed_by
    from units
    left join heirs using (nuts_id_2016)
)

select * from final

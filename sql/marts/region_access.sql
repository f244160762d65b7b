with access as (select * from indicators.ind_region__access),

regions as (select nuts_id, country, name from staging.stg_gisco__nuts_2021),

final as (
    select
        access.nuts_id,
        access.level,
        regions.country,
        regions.name,
        access.service,
        access.people,
        access.within_15_share,
        access.within_30_share,
        access.within_60_share,
        access.minutes_mean,
        access.minutes_p90,
        access.reference_min,
        access.people_beyond_reference,
        access.beyond_reference_share,
        access.people_within_15,
        access.people_within_30,
        access.people_within_60,
        access.people_unreached,
        access.border_effect_min,
        access.people_nearest_abroad,
        access.settlements
    from access
    inner join regions using (nuts_id)
)

select * from final
order by service, nuts_id

-- Points of a register that are no place: a geocoder that finds nothing answers with the middle
-- of the country or of the province. They are told by sites of several towns on one exact point.
with registers as (select * from staging.stg_register__sites),

final as (
    select
        part,
        lon,
        lat,
        count(*) as sites,
        count(distinct attributes['city'])::integer as towns
    from registers
    group by part, lon, lat
    having count(distinct attributes['city']) >= threshold('access_default_position_towns')
)

select * from final

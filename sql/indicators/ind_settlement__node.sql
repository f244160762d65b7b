-- The settlements that the travel network joins: places of their own, with their terrain.
with listed as (select * from indicators.ind_settlement__listed),

places as (select * from indicators.ind_settlement__place where section_of is null),

regions as (select nuts_id, mountain_code from staging.stg_gisco__nuts_2021),

final as (
    select
        listed.geonameid,
        listed.country,
        places.nuts_id,
        listed.lon,
        listed.lat,
        listed.population,
        listed.elevation_m,
        -- Codes 1 to 3 are mountain regions by population, by area, by both; 4 is none.
        coalesce(regions.mountain_code between 1 and 3, false) as is_mountain
    from listed
    inner join places using (geonameid)
    left join regions using (nuts_id)
)

select * from final

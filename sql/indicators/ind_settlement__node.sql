-- The settlements that the travel network joins, with their terrain. A part of a larger place
-- is a node, but its people are not known here: they are counted in that place.
with listed as (select * from indicators.ind_settlement__listed),

places as (select * from indicators.ind_settlement__place where section_of is null),

people as (select * from indicators.ind_settlement__people),

regions as (select nuts_id, mountain_code from staging.stg_gisco__nuts_2021),

final as (
    select
        listed.geonameid,
        listed.country,
        places.nuts_id,
        listed.lon,
        listed.lat,
        case when people.part_of is null then people.population end as population,
        people.population as road_population,
        listed.elevation_m,
        -- Codes 1 to 3 are mountain regions by population, by area, by both; 4 is none.
        coalesce(regions.mountain_code between 1 and 3, false) as is_mountain
    from listed
    inner join places using (geonameid)
    inner join people using (geonameid)
    left join regions using (nuts_id)
)

select * from final

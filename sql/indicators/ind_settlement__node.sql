-- The settlements that the travel network joins, with their terrain. A part of a larger place
-- is a node, but its people are not known here: they are counted in that place.
with listed as (select * from indicators.ind_settlement__listed),

places as (select * from indicators.ind_settlement__place where section_of is null),

people as (select * from indicators.ind_settlement__people),

final as (
    select
        listed.geonameid,
        listed.country,
        places.nuts_id,
        listed.lon,
        listed.lat,
        case when people.part_of is null then people.population end as population,
        people.population as road_population,
        listed.elevation_m
    from listed
    inner join places using (geonameid)
    inner join people using (geonameid)
)

select * from final

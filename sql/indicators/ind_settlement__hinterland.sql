-- The villages for which a town is the nearest one, within reach.
with travel as (select * from indicators.ind_settlement__travel_minutes),

places as (select * from indicators.ind_settlement__people where part_of is null),

final as (
    select
        travel.nearest_town_id::integer as geonameid,
        count(*)::integer as hinterland_villages,
        sum(places.population)::bigint as hinterland_people
    from travel
    inner join places on places.geonameid = travel.geonameid
    where travel.nearest_town_id != travel.geonameid
        and travel.minutes_to_town <= threshold('smst_reach_min')
    group by travel.nearest_town_id
)

select * from final

-- A service that is not known for a country has no rows there: no data, not "far away".
with access as (select * from indicators.ind_settlement__access),

nodes as (select geonameid, country, nuts_id from indicators.ind_settlement__node),

walking as (select * from indicators.ind_settlement__walking),

covered as (select service, country from indicators.ind_service__coverage where is_covered),

places as (select service, nuts_id, coverage from indicators.ind_service__region_coverage),

settled as (select nuts_id, settled_share from indicators.ind_region__towns),

final as (
    select
        access.geonameid,
        access.service,
        coalesce(places.coverage, 'covered') as coverage,
        access.minutes_nearest,
        access.nearest_id,
        access.within_15,
        access.within_30,
        access.within_60,
        access.supply_score,
        access.minutes_mean_3,
        access.supply_2sfca,
        access.supply_gaussian,
        access.supply_gravity,
        settled.settled_share,
        access.minutes_second,
        access.second_id,
        access.minutes_third,
        access.third_id,
        access.minutes_domestic,
        access.border_effect_min,
        access.travel_basis,
        walking.minutes_walk,
        walking.minutes_cycle,
        walking.walk_basis
    from access
    inner join nodes using (geonameid)
    inner join covered using (service, country)
    left join walking on walking.geonameid = access.geonameid and walking.service = access.service
    left join settled on settled.nuts_id = nodes.nuts_id
    left join places on places.service = access.service and places.nuts_id = nodes.nuts_id
)

select * from final
order by service, geonameid

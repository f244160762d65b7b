with deserts as (select * from typologies.typ_settlement__service_desert),

nodes as (select * from indicators.ind_settlement__node),

names as (select geonameid, name from indicators.ind_settlement__listed),

final as (
    select
        nodes.geonameid,
        names.name,
        nodes.country,
        nodes.nuts_id,
        nodes.lon,
        nodes.lat,
        nodes.population,
        deserts.tiers_beyond,
        deserts.is_service_desert
    from nodes
    inner join deserts using (geonameid)
    inner join names using (geonameid)
)

select * from final
order by geonameid

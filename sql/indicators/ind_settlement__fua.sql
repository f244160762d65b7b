-- The functional urban area of each settlement, by its municipality. Where Eurostat's list knows
-- the municipality, it also knows that it belongs to none; an area is large as its centre is a
-- large city. No area of the list crosses a border.
with municipalities as (
    select * from indicators.ind_settlement__municipality where lau_id is not null
),

units as (select * from staging.stg_eurostat__lau),

areas as (select * from indicators.ind_fua__size),

centres as (select * from indicators.ind_fua__centre),

cities as (select * from indicators.ind_settlement__city),

sizes as (
    select
        areas.fua_id,
        areas.name as fua_name,
        areas.country,
        coalesce(
            cities.is_large_city,
            areas.population >= threshold('remoteness_large_city_population')
        ) as is_large
    from areas
    left join centres on centres.fua_id = areas.fua_id
    left join cities on cities.geonameid = centres.geonameid
),

final as (
    select
        municipalities.geonameid,
        municipalities.lau_id,
        units.name as lau_name,
        units.fua_id,
        sizes.fua_name,
        case when units.fua_id is null then false else sizes.is_large end as is_in_large_fua
    from municipalities
    inner join units on units.lau_id = municipalities.lau_id
    left join sizes on sizes.fua_id = units.fua_id
    where units.country in (select country from areas)
)

select * from final

with listed as (select * from indicators.ind_settlement__listed),

places as (select * from indicators.ind_settlement__place where section_of is null),

people as (select * from indicators.ind_settlement__people),

municipalities as (select * from indicators.ind_settlement__municipality),

municipal_people as (select * from indicators.ind_settlement__municipal_people),

areas as (select * from indicators.ind_settlement__fua),

sizes as (select * from indicators.ind_settlement__size),

countries as (select distinct country, country_name from seeds.countries),

regions as (select * from staging.stg_gisco__nuts_2021 where level = 3),

trend as (select * from typologies.typ_region__trend),

change as (select * from indicators.ind_region__change),

history as (select * from typologies.typ_region__migration_history where nuts_version = 2021),

travel as (select * from indicators.ind_settlement__travel_minutes),

snai as (select * from typologies.typ_settlement__snai_style),

ranges as (select * from typologies.typ_settlement__either_way),

ranks as (select * from indicators.ind_settlement__rank),

hinterlands as (select * from indicators.ind_settlement__hinterland),

types as (select * from typologies.typ_settlement__smst),

final as (
    select
        listed.geonameid,
        listed.name,
        listed.name_ascii,
        listed.name_alternatives,
        listed.country,
        countries.country_name,
        places.nuts_id,
        regions.name as region_name,
        places.placement,
        places.placement_km,
        listed.lon,
        listed.lat,
        listed.elevation_m,
        listed.feature_code,
        listed.admin4_code,
        listed.admin3_code,
        people.population,
        people.population_basis,
        people.part_of,
        municipalities.municipality_code,
        municipalities.lau_id,
        areas.lau_name,
        municipalities.lau_population,
        municipal_people.municipal_settlements,
        municipal_people.municipal_settled_people,
        areas.fua_id,
        areas.fua_name,
        listed.population_edition,
        sizes.size_class,
        sizes.is_smst,
        trend.trend as region_trend,
        change.change_pct as region_change_pct,
        history.migration_history as region_migration_history,
        travel.minutes_to_town,
        travel.nearest_town_id::integer as nearest_town_id,
        travel.minutes_to_town_10k,
        travel.minutes_to_town_20k,
        travel.minutes_to_town_50k,
        travel.minutes_to_city,
        ranges.minutes_to_city_low,
        ranges.minutes_to_city_high,
        ranges.closeness_either_way,
        travel.nearest_city_id::integer as nearest_city_id,
        travel.city_basis,
        travel.travel_basis,
        travel.estimated_to,
        travel.minutes_to_city_100k,
        travel.minutes_to_large_city,
        travel.nearest_large_city_id::integer as nearest_large_city_id,
        snai.minutes_to_pole,
        ranges.minutes_to_pole_low,
        ranges.minutes_to_pole_high,
        snai.snai_class as remoteness,
        ranges.remoteness_either_way,
        types.role,
        types.agglomerated_basis,
        ranks.rank,
        ranks.rank_in_country,
        ranks.city_rank_in_country,
        types.smst_type,
        types.towns_near,
        types.similar_towns_near,
        types.larger_towns_near,
        case when sizes.is_town then coalesce(hinterlands.hinterland_people, 0) end
            as hinterland_people,
        types.tiers_beyond_target,
        types.services_basis,
        types.services_known,
        types.services_beyond,
        types.is_shrinking,
        types.is_marginal,
        types.is_remote,
        types.is_at_agglomerated_margin,
        types.is_short_of_services,
        types.is_without_rank,
        types.fragility_count,
        types.fragility_known
    from places
    inner join listed on listed.geonameid = places.geonameid
    inner join people on people.geonameid = places.geonameid
    inner join municipalities on municipalities.geonameid = places.geonameid
    left join municipal_people on municipal_people.geonameid = places.geonameid
    left join areas on areas.geonameid = places.geonameid
    inner join sizes on sizes.geonameid = places.geonameid
    inner join countries on countries.country = listed.country
    left join regions on regions.nuts_id = places.nuts_id
    left join trend on trend.nuts_id = places.nuts_id
    left join travel on travel.geonameid = listed.geonameid
    left join snai on snai.geonameid = listed.geonameid
    left join ranges on ranges.geonameid = listed.geonameid
    inner join types on types.geonameid = places.geonameid
    inner join ranks on ranks.geonameid = places.geonameid
    left join hinterlands on hinterlands.geonameid = places.geonameid
    left join change on change.nuts_id = places.nuts_id
    left join history on history.nuts_id = places.nuts_id
)

select * from final
order by geonameid

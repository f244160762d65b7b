-- The settlements that are places of their own so far as the list's codes tell.
-- PPLX is a section of a place; PPLQ, PPLH and PPLW are no longer lived in.
with settlements as (select * from staging.stg_geonames__settlements),

countries as (select * from seeds.countries),

corrections as (select * from seeds.settlement_corrections),

final as (
    select
        settlements.geonameid,
        settlements.name,
        settlements.name_ascii,
        settlements.name_alternatives,
        coalesce(corrections.country, countries.country) as country,
        countries.has_regions,
        corrections.nuts_id as stated_nuts_id,
        corrections.stated_population,
        coalesce(corrections.action = 'agglomeration', false) as is_agglomeration,
        settlements.lat,
        settlements.lon,
        settlements.elevation_m,
        settlements.feature_code,
        settlements.admin1_code,
        settlements.admin2_code,
        settlements.admin3_code,
        settlements.admin4_code,
        settlements.population,
        settlements.population_edition
    from settlements
    inner join countries on countries.iso_code = settlements.iso_code
    left join corrections on corrections.geonameid = settlements.geonameid
    where corrections.action is distinct from 'drop'
        and coalesce(settlements.feature_code, '') not in ('PPLX', 'PPLQ', 'PPLH', 'PPLW')
)

select * from final

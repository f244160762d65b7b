-- The municipality of each settlement by GeoNames' codes, and the regions that codes name:
-- Eurostat's list of municipalities where it was fetched, the seed of codes elsewhere.
with listed as (select * from indicators.ind_settlement__listed),

levels as (
    select
        geonameid,
        country,
        unnest([1, 2, 3, 4])::tinyint as admin_level,
        unnest([admin1_code, admin2_code, admin3_code, admin4_code]) as admin_code
    from listed
),

numbered as (
    select
        levels.geonameid,
        levels.country || ' ' || levels.admin_code as municipality_code,
        names.lau_prefix || levels.admin_code as lau_id
    from levels
    inner join seeds.municipality_codes as names using (country, admin_level)
    where levels.admin_code is not null
),

named as (
    select
        levels.geonameid,
        max_by(regions.nuts_id, levels.admin_level) as admin_nuts_id
    from levels
    inner join seeds.admin_regions as regions using (country, admin_level, admin_code)
    group by levels.geonameid
),

units as (select * from staging.stg_eurostat__lau),

heirs as (select * from indicators.ind_lau__region),

cities as (
    select greater_city_id, sum(population)::bigint as greater_city_population
    from units
    where greater_city_id is not null
    group by greater_city_id
),

final as (
    select
        listed.geonameid,
        numbered.municipality_code,
        units.lau_id,
        nullif(units.population, 0) as lau_population,
        units.greater_city_id,
        cities.greater_city_population,
        heirs.nuts_id as lau_nuts_id,
        named.admin_nuts_id
    from listed
    left join numbered using (geonameid)
    left join units on units.lau_id = numbered.lau_id
    left join cities on cities.greater_city_id = units.greater_city_id
    left join heirs on heirs.lau_id = units.lau_id
    left join named on named.geonameid = listed.geonameid
)

select * from final

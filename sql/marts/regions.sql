with regions as (select * from staging.stg_gisco__nuts_2021),

parents as (
    select
        nuts_id,
        case when level > 0 then left(nuts_id, length(nuts_id) - 1) end as parent_id
    from regions
),

countries as (select distinct country, country_name, country_group from seeds.countries),

labels as (select * from seeds.gisco_labels),

later as (
    select code_2021, code_2024, change, level
    from staging.stg_eurostat__nuts_changes
    where code_2021 is not null
),

names_2024 as (select * from staging.stg_eurostat__nuts_2024_labels),

-- Official types of 2024 hold for a region of 2021 only if it lives on under one code.
types_2024 as (select * from staging.stg_eurostat__nuts_2024_typologies),

population as (select * from indicators.ind_region__population),

change as (select * from indicators.ind_region__change),

trend as (select * from typologies.typ_region__trend),

areas as (select * from indicators.ind_region__area),

towns as (select * from indicators.ind_region__towns),

travel as (select * from indicators.ind_region__remoteness),

remote_types as (select * from typologies.typ_region__urban_rural_remoteness),

city_access as (select * from typologies.typ_region__access_to_city),

deserts as (select * from marts.region_deserts),

final as (
    select
        regions.nuts_id,
        regions.level,
        regions.country,
        countries.country_name,
        countries.country_group,
        regions.name,
        regions.name_local,
        parents.parent_id,
        2021 as nuts_version,
        population.population_start,
        population.population_end,
        population.year_start,
        population.year_end,
        population.population_source,
        population.population_is_converted,
        population.population_has_break,
        population.population_flags,
        change.change_people,
        change.change_pct,
        change.annual_change_pct,
        trend.trend,
        population.series_population_start,
        population.series_population_end,
        population.series_source,
        change.series_change_pct,
        change.series_annual_change_pct,
        trend.series_trend,
        trend.has_two_trends,
        change.has_two_answers,
        population.regions_known,
        population.regions_total,
        population.covered_area_share,
        population.covered_population_start,
        population.covered_population_end,
        areas.area_km2,
        areas.area_basis,
        population.population_end / areas.area_km2 as density_per_km2,
        urban_rural.label as urban_rural,
        coastal.label as coastal,
        mountain.label as mountain,
        types_2024.border,
        types_2024.island,
        types_2024.metropolitan,
        towns.town_count,
        towns.smst_count,
        towns.smst_population_share,
        towns.largest_town_id,
        towns.largest_town,
        towns.largest_town_population,
        towns.settled_share,
        towns.settled_note,
        travel.people_basis,
        travel.minutes_to_city,
        travel.city_basis,
        travel.travel_basis,
        travel.beyond_45_share as remote_share,
        travel.remoteness_robust,
        travel.beyond_60_share,
        remote_types.remoteness,
        deserts.desert_share,
        city_access.access_to_city,
        city_access.access_basis,
        later.code_2024,
        names_2024.name as name_2024,
        coalesce(later.change, 'not in the correspondence table') as change_2024,
        regions.geometry
    from regions
    inner join parents on parents.nuts_id = regions.nuts_id
    inner join countries on countries.country = regions.country
    left join labels as urban_rural
        on urban_rural.attribute = 'urban_rural' and urban_rural.code = regions.urban_rural_code
    left join labels as coastal
        on coastal.attribute = 'coastal' and coastal.code = regions.coastal_code
    left join labels as mountain
        on mountain.attribute = 'mountain' and mountain.code = regions.mountain_code
    left join later on later.code_2021 = regions.nuts_id and later.level = regions.level
    left join names_2024 on names_2024.nuts_id_2024 = later.code_2024
    left join types_2024 on types_2024.nuts_id_2024 = later.code_2024 and regions.level = 3
    left join travel on travel.nuts_id = regions.nuts_id
    left join remote_types on remote_types.nuts_id = regions.nuts_id
    left join city_access on city_access.nuts_id = regions.nuts_id
    left join deserts on deserts.nuts_id = regions.nuts_id
    inner join population on population.nuts_id = regions.nuts_id
    inner join change on change.nuts_id = regions.nuts_id
    inner join trend on trend.nuts_id = regions.nuts_id
    inner join areas on areas.nuts_id = regions.nuts_id
    inner join towns on towns.nuts_id = regions.nuts_id
)

select * from final
order by level, nuts_id

-- The regions of both vintages that figures are given for, with name and outline.
with countries as (select distinct country, country_name, country_group from seeds.countries),

labels as (select code, label from seeds.gisco_labels where attribute = 'urban_rural'),

boundaries_2024 as (select * from staging.stg_gisco__nuts_2024),

-- Extra-regio codes (all Z after the country) are outside any region.
listed_2024 as (
    select nuts_id_2024 as nuts_id, level, country, name
    from staging.stg_eurostat__nuts_2024_labels
    where not regexp_full_match(nuts_id_2024, '..Z+')
),

codes_2024 as (
    select nuts_id, level, country from listed_2024
    union
    select nuts_id, level, country from boundaries_2024
    union
    select distinct country as nuts_id, 0::tinyint as level, country from listed_2024
),

regions as (
    select
        2021 as nuts_version, nuts_id, level, country, name, urban_rural_code, geometry
    from staging.stg_gisco__nuts_2021
    union all
    select
        2024, codes_2024.nuts_id, codes_2024.level, codes_2024.country,
        coalesce(boundaries_2024.name, listed_2024.name),
        boundaries_2024.urban_rural_code, boundaries_2024.geometry
    from codes_2024
    left join listed_2024 on listed_2024.nuts_id = codes_2024.nuts_id
    left join boundaries_2024 on boundaries_2024.nuts_id = codes_2024.nuts_id
),

final as (
    select
        regions.nuts_version::integer as nuts_version,
        regions.nuts_id,
        regions.level,
        regions.country,
        countries.country_name,
        countries.country_group,
        coalesce(
            case when regions.level = 0 then countries.country_name end, regions.name,
            regions.nuts_id
        ) as name,
        labels.label as urban_rural,
        regions.geometry
    from regions
    inner join countries on countries.country = regions.country
    left join labels on labels.code = regions.urban_rural_code
)

select * from final

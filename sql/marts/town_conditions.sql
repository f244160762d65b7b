-- What the data answers of the catalogue's conditions; a column has the name of its condition.
with towns as (select * from marts.towns),

regions as (select * from marts.regions),

final as (
    select
        towns.geonameid,
        case when towns.is_smst then 'yes' when not towns.is_smst then 'no' end
            as is_small_or_medium_town,
        nullif(towns.size_class, 'part') as size,
        towns.role,
        case when towns.is_remote then 'remote' when not towns.is_remote then 'close' end
            as remoteness,
        towns.region_trend,
        case
            when regions.urban_rural = 'predominantly rural' then 'yes'
            when regions.urban_rural is not null then 'no'
        end as rural_region,
        case
            when regions.border = 'non-border' then 'no'
            when regions.border is not null then 'yes'
        end as border_region
    from towns
    left join regions on regions.nuts_id = towns.nuts_id
)

select * from final
order by geonameid

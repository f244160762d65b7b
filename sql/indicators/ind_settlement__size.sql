with people as (select * from indicators.ind_settlement__people),

classed as (
    select
        geonameid,
        case
            when part_of is not null then 'part'
            when population >= threshold('size_city_min') then 'city'
            when population >= threshold('size_medium_town_min') then 'medium_town'
            when population >= threshold('size_small_town_min') then 'small_town'
            else 'village'
        end as size_class
    from people
),

final as (
    select
        geonameid,
        size_class,
        size_class not in ('village', 'part') as is_town,
        size_class in ('small_town', 'medium_town') as is_smst
    from classed
)

select * from final

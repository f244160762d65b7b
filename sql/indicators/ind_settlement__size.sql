with listed as (select * from indicators.ind_settlement__listed),

limits as (
    select
        max(value) filter (where name = 'size_small_town_min') as small_town_min,
        max(value) filter (where name = 'size_medium_town_min') as medium_town_min,
        max(value) filter (where name = 'size_city_min') as city_min
    from seeds.thresholds
),

final as (
    select
        listed.geonameid,
        case
            when listed.population >= limits.city_min then 'city'
            when listed.population >= limits.medium_town_min then 'medium_town'
            when listed.population >= limits.small_town_min then 'small_town'
            else 'village'
        end as size_class,
        size_class != 'village' as is_town,
        size_class in ('small_town', 'medium_town') as is_smst
    from listed
    cross join limits
)

select * from final

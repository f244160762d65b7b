-- Rank by GeoNames' feature code; below the seats, the largest place of its region. Cities are also
-- ranked by people within their country; a tie shares the better rank, a part of another place has none.
with listed as (select * from indicators.ind_settlement__listed),

places as (select * from indicators.ind_settlement__place where section_of is null),

people as (select * from indicators.ind_settlement__people),

regions as (select * from indicators.ind_region__towns),

ranked as (
    select
        listed.geonameid,
        listed.feature_code,
        case
            when people.part_of is null and people.population >= threshold('size_city_min')
                then rank() over (
                    partition by listed.country, people.part_of is null
                    order by people.population desc
                )
        end as city_rank_in_country,
        regions.largest_town_id is not distinct from listed.geonameid as is_largest_of_region
    from listed
    inner join places on places.geonameid = listed.geonameid
    inner join people on people.geonameid = listed.geonameid
    left join regions on regions.nuts_id = places.nuts_id
),

final as (
    select
        geonameid,
        is_largest_of_region,
        city_rank_in_country::integer as city_rank_in_country,
        case
            when feature_code = 'PPLC' then 'capital'
            when feature_code = 'PPLA' then 'regional_seat'
            when feature_code = 'PPLA2' then 'provincial_seat'
            when is_largest_of_region then 'largest_of_region'
            when feature_code is null then null
            else 'none'
        end as rank
    from ranked
)

select * from final

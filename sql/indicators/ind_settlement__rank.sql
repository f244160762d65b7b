-- Rank by GeoNames' feature code: the seat of a division above the municipality's own; below the
-- seats, the largest place of its region. Places are also ranked by people within their country;
-- a tie shares the better rank, a part of another place has none.
with listed as (select * from indicators.ind_settlement__listed),

places as (select * from indicators.ind_settlement__place where section_of is null),

people as (select * from indicators.ind_settlement__people),

regions as (select * from indicators.ind_region__towns),

levels as (
    select country, admin_level from seeds.municipality_codes
    union all
    select country, admin_level from seeds.municipal_levels
),

-- A place is no seat of the Romanian comună, the Danish kommune or the Slovenian občina alone.
ranked as (
    select
        listed.geonameid,
        listed.feature_code,
        case listed.feature_code
            when 'PPLC' then 0
            when 'PPLA' then 1
            when 'PPLA2' then 2
            when 'PPLA3' then 3
        end as seat_level,
        levels.admin_level as municipal_level,
        people.population,
        case
            when people.part_of is null
                then rank() over (
                    partition by listed.country, people.part_of is null
                    order by people.population desc
                )
        end::integer as rank_in_country,
        regions.largest_town_id is not distinct from listed.geonameid as is_largest_of_region
    from listed
    inner join places on places.geonameid = listed.geonameid
    inner join people on people.geonameid = listed.geonameid
    left join levels on levels.country = listed.country
    left join regions on regions.nuts_id = places.nuts_id
),

final as (
    select
        geonameid,
        is_largest_of_region,
        rank_in_country,
        case when population >= threshold('size_city_min') then rank_in_country end
            as city_rank_in_country,
        case
            when seat_level = 0 then 'capital'
            when seat_level = 1 and municipal_level > 1 then 'regional_seat'
            when seat_level = 2 and municipal_level > 2 then 'provincial_seat'
            when seat_level = 3 and municipal_level > 3 then 'district_seat'
            when is_largest_of_region then 'largest_of_region'
            when feature_code is null then null
            else 'none'
        end as rank
    from ranked
)

select * from final

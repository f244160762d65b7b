-- Population-weighted remoteness of a region of every level. People whose minutes are not
-- known count in no share; a region without any is NULL.
with origins as (select * from indicators.ind_region__origin),

travel as (select * from indicators.ind_settlement__travel_minutes),

levels as (
    select
        left(origins.nuts_id, 2 + steps.level) as nuts_id,
        steps.level,
        origins.people_basis,
        origins.population,
        travel.minutes_to_city + origins.access_min as minutes_to_city,
        travel.minutes_to_large_city + origins.access_min as minutes_to_large_city,
        travel.minutes_to_very_large_city + origins.access_min as minutes_to_very_large_city,
        travel.city_basis,
        travel.travel_basis
    from origins
    left join travel on travel.geonameid = origins.geonameid
    cross join (select unnest([0, 1, 2, 3]) as level) as steps
),

sums as (
    select
        nuts_id,
        level::tinyint as level,
        min(people_basis) as people_basis,
        -- Summed as decimals: the result must not depend on the order of rows.
        sum((population * minutes_to_city)::decimal(30, 6))::double
            / sum(population) filter (where minutes_to_city is not null)
            as minutes_to_city,
        case
            when count(distinct city_basis) > 1 then 'both'
            else min(city_basis)
        end as city_basis,
        case
            when count(distinct travel_basis) > 1 then 'both'
            else min(travel_basis)
        end as travel_basis,
        sum(population) filter (
            where minutes_to_city > threshold('remoteness_close_to_city_min')
        )
            / sum(population) filter (where minutes_to_city is not null)
            as beyond_45_share,
        -- Whose class stays the same if the minutes are off by the error of one trip.
        sum(population) filter (
            where
                minutes_high(minutes_to_city) <= threshold('remoteness_close_to_city_min')
                or minutes_low(minutes_to_city) > threshold('remoteness_close_to_city_min')
        )
            / sum(population) filter (where minutes_to_city is not null)
            as robust_share,
        sum(population) filter (
            where minutes_to_city > threshold('remoteness_oecd_min')
        )
            / sum(population) filter (where minutes_to_city is not null)
            as beyond_60_share,
        sum(population) filter (
            where minutes_to_large_city <= threshold('remoteness_oecd_min')
        )
            / sum(population) as near_large_city_share,
        sum(population) filter (
            where minutes_to_large_city <= threshold('remoteness_field_min')
        )
            / sum(population) as large_city_field_share,
        sum(population) filter (
            where minutes_to_very_large_city <= threshold('remoteness_field_min')
        )
            / sum(population) as very_large_city_field_share
    from levels
    group by nuts_id, level
),

final as (
    select
        nuts_id,
        level,
        people_basis,
        minutes_to_city,
        city_basis,
        travel_basis,
        case when minutes_to_city is not null then coalesce(beyond_45_share, 0) end as beyond_45_share,
        case when minutes_to_city is not null then coalesce(beyond_60_share, 0) end as beyond_60_share,
        case when minutes_to_city is not null then coalesce(robust_share, 0) end as remoteness_robust,
        coalesce(near_large_city_share, 0) as near_large_city_share,
        coalesce(large_city_field_share, 0) as large_city_field_share,
        coalesce(very_large_city_field_share, 0) as very_large_city_field_share
    from sums
)

select * from final

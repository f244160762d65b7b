-- Population-weighted remoteness of a region of every level. People whose minutes are not
-- known count in no share; a region without any is NULL.
with nodes as (select * from indicators.ind_settlement__node where population > 0),

travel as (select * from indicators.ind_settlement__travel_minutes),

levels as (
    select
        left(nodes.nuts_id, 2 + steps.level) as nuts_id,
        steps.level,
        nodes.geonameid,
        nodes.population
    from nodes
    cross join (select unnest([0, 1, 2, 3]) as level) as steps
    where nodes.nuts_id is not null
),

sums as (
    select
        levels.nuts_id,
        levels.level::tinyint as level,
        -- Summed as decimals: the result must not depend on the order of rows.
        sum((levels.population * travel.minutes_to_city)::decimal(30, 6))::double
            / sum(levels.population) filter (where travel.minutes_to_city is not null)
            as minutes_to_city,
        case
            when count(distinct travel.city_basis) > 1 then 'both'
            else min(travel.city_basis)
        end as city_basis,
        case
            when count(distinct travel.travel_basis) > 1 then 'both'
            else min(travel.travel_basis)
        end as travel_basis,
        sum(levels.population) filter (
            where travel.minutes_to_city > threshold('remoteness_close_to_city_min')
        )
            / sum(levels.population) filter (where travel.minutes_to_city is not null)
            as beyond_45_share,
        -- Whose class stays the same if the minutes are off by the error of one trip.
        sum(levels.population) filter (
            where
                travel.minutes_to_city is not null
                and abs(ln(greatest(travel.minutes_to_city, 1) / threshold('remoteness_close_to_city_min')))
                > ln(1 + threshold('remoteness_error_share'))
        )
            / sum(levels.population) filter (where travel.minutes_to_city is not null)
            as robust_share,
        sum(levels.population) filter (
            where travel.minutes_to_city > threshold('remoteness_oecd_min')
        )
            / sum(levels.population) filter (where travel.minutes_to_city is not null)
            as beyond_60_share,
        sum(levels.population) filter (
            where travel.minutes_to_large_city <= threshold('remoteness_oecd_min')
        )
            / sum(levels.population) as near_large_city_share,
        sum(levels.population) filter (
            where travel.minutes_to_large_city <= threshold('remoteness_field_min')
        )
            / sum(levels.population) as large_city_field_share,
        sum(levels.population) filter (
            where travel.minutes_to_very_large_city <= threshold('remoteness_field_min')
        )
            / sum(levels.population) as very_large_city_field_share
    from levels
    inner join travel on travel.geonameid = levels.geonameid
    group by levels.nuts_id, levels.level
),

final as (
    select
        nuts_id,
        level,
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

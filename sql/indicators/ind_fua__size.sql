-- People and area of a functional urban area: the sum of its municipalities in the list.
-- The list gives each country its own areas, so what lies beyond a border is not in them.
with units as (select * from staging.stg_eurostat__lau where fua_id is not null),

final as (
    select
        fua_id,
        min(fua_name) as name,
        min(country) as country,
        count(*)::integer as lau_count,
        case when count(population) = count(*) then sum(population)::bigint end as population,
        -- Summed as decimals: the result must not depend on the order of rows.
        case
            when count(area_km2) = count(*) then sum(area_km2::decimal(18, 6))::double
        end as area_km2,
        coalesce(
            sum(population) filter (where city_id is not null or greater_city_id is not null), 0
        )::bigint as city_population
    from units
    group by fua_id
)

select * from final

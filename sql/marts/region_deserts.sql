with towns as (
    select * from marts.town_deserts where nuts_id is not null and population > 0
),

regions as (select nuts_id, level, country, name from staging.stg_gisco__nuts_2021),

sums as (
    select
        left(towns.nuts_id, 2 + steps.level) as nuts_id,
        count(*) as settlements,
        count(*) filter (where towns.is_service_desert) as desert_settlements,
        sum(towns.population)::bigint as people,
        sum(case when towns.is_service_desert then towns.population else 0 end)::bigint
            as desert_people
    from towns
    cross join (select unnest([0, 1, 2, 3]) as level) as steps
    group by all
),

final as (
    select
        regions.nuts_id,
        regions.level,
        regions.country,
        regions.name,
        sums.settlements,
        sums.desert_settlements,
        sums.people,
        sums.desert_people,
        sums.desert_people / sums.people as desert_share
    from sums
    inner join regions using (nuts_id)
)

select * from final
order by nuts_id

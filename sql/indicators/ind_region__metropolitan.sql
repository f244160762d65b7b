-- Eurostat's metropolitan type for regions of 2021. It is published in codes of 2024: a region
-- has the type of its heirs if they agree. Heirs are its own later code, the new region of the
-- same name where the border moved, and what the seed says of merged and divided regions.
with regions as (select * from staging.stg_gisco__nuts_2021 where level = 3),

changes as (select * from staging.stg_eurostat__nuts_changes where level = 3),

types as (select * from staging.stg_eurostat__nuts_2024_typologies),

-- Of the census, which is always there: the class must not turn on what was fetched.
people as (select nuts_id, population_2021 from staging.stg_jrc__census_population),

heirs as (
    select code_2021, code_2024
    from changes
    where code_2021 is not null and code_2024 is not null
    union all
    select old.code_2021, new.code_2024
    from changes as old
    inner join changes as new using (country, label)
    where old.change = 'Boundary shift' and new.change = 'New region'
    union all
    select code_2021, code_2024
    from seeds.nuts_2024_heirs
),

inherited as (
    select
        regions.nuts_id,
        min(types.metropolitan) as metropolitan,
        min(types.metro_id) as metro_id
    from regions
    inner join heirs on heirs.code_2021 = regions.nuts_id
    left join types on types.nuts_id_2024 = heirs.code_2024
    group by regions.nuts_id
    having count(*) = count(types.metropolitan)
        and count(distinct types.metropolitan) = 1
        and count(distinct types.metro_id) <= 1
),

sizes as (
    select inherited.metro_id, sum(people.population_2021)::bigint as metropolitan_population
    from inherited
    inner join people using (nuts_id)
    where inherited.metro_id is not null
    group by inherited.metro_id
),

final as (
    select
        inherited.nuts_id,
        inherited.metropolitan,
        inherited.metro_id,
        sizes.metropolitan_population
    from inherited
    left join sizes using (metro_id)
)

select * from final

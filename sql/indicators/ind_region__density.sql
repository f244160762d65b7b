-- People per km² of land: the mean of both 1 Januaries (the first alone where the next is unknown)
-- over the newest official area, the total one where the land's is not published.
with counts as (select * from indicators.ind_region__counts where value is not null),

people as (
    select
        nuts_version,
        nuts_id,
        year,
        coalesce(
            max(value) filter (where measure = 'population'),
            max(value) filter (where measure = 'population_by_age')
        ) as people
    from counts
    where measure in ('population', 'population_by_age')
    group by nuts_version, nuts_id, year
),

areas as (
    select
        nuts_version,
        nuts_id,
        value as area_km2,
        conversion in ('merged', 'estimated') as is_area_converted
    from counts
    where measure in ('land_area_km2', 'area_km2') and value > 0
    qualify row_number() over (
        partition by nuts_version, nuts_id order by measure = 'land_area_km2' desc, year desc
    ) = 1
),

final as (
    select
        here.nuts_version,
        here.nuts_id,
        here.year,
        here.people,
        areas.area_km2,
        areas.is_area_converted,
        (here.people + coalesce(after.people, here.people)) / 2 / areas.area_km2 as density_per_km2
    from people as here
    left join people as after
        on after.nuts_version = here.nuts_version
        and after.nuts_id = here.nuts_id
        and after.year = here.year + 1
    left join areas
        on areas.nuts_version = here.nuts_version and areas.nuts_id = here.nuts_id
)

select * from final

-- Official people of each NUTS-3 region: the latest of the embedded figures, else the census.
with figures as (
    select
        nuts_id,
        max(year) as official_year,
        max_by(population, year) as official_people
    from staging.stg_eurostat__five_year
    where population is not null
    group by nuts_id
),

census as (select * from staging.stg_jrc__census_population),

final as (
    select
        coalesce(figures.nuts_id, census.nuts_id) as nuts_id,
        coalesce(figures.official_people, census.population_2021)::bigint as official_people,
        coalesce(figures.official_year, 2021)::integer as official_year
    from figures
    full join census on census.nuts_id = figures.nuts_id
)

select * from final

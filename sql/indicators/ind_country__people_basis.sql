-- Where a country's people are counted: in the cells of the census grid if these sum to about its
-- official people, else in its settlements. A sample or another year's grid changes nothing. Regions
-- without official people (Svalbard) are in no share.
with cells as (select * from indicators.ind_cell__place where nuts_id is not null),

regions as (
    select nuts_id, left(nuts_id, 2) as country
    from staging.stg_gisco__nuts_2021
    where level = 3
),

official as (select * from indicators.ind_region__official_people),

grid as (
    select
        left(nuts_id, 2) as country,
        count(*) as grid_cells,
        sum(population)::bigint as grid_people,
        sum(population) filter (where official.official_people is not null) as grid_people_compared,
        coalesce(sum(population) filter (where geonameid is null), 0)::bigint as grid_people_far
    from cells
    left join official using (nuts_id)
    group by all
),

countries as (
    select
        regions.country,
        sum(official.official_people)::bigint as official_people
    from regions
    left join official using (nuts_id)
    group by all
),

final as (
    select
        countries.country,
        case
            when
                grid.grid_people_compared / countries.official_people
                between threshold('grid_least_share') and threshold('grid_most_share')
                then 'census grid'
            else 'settlements'
        end as people_basis,
        coalesce(grid.grid_cells, 0)::integer as grid_cells,
        coalesce(grid.grid_people, 0) as grid_people,
        coalesce(grid.grid_people_far, 0) as grid_people_far,
        countries.official_people,
        coalesce(grid.grid_people_compared, 0) / countries.official_people as grid_share
    from countries
    left join grid using (country)
)

select * from final
order by country

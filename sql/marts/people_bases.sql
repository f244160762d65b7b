-- Where each country's people are counted when travel times are weighed, and what of the census
-- grid could not be used. A row that states several countries is told at the first.
with bases as (select * from indicators.ind_country__people_basis),

countries as (select distinct country, country_name from seeds.countries),

stated as (
    select *, left(countries, 2) as country from staging.stg_eurostat__census_grid
),

gaps as (
    select
        country,
        count(*) filter (where gap = 'confidential') as grid_rows_confidential,
        count(*) filter (where gap = 'not available') as grid_rows_not_available,
        sum(people) filter (where gap in ('unallocated', 'other projection')) as grid_people_unallocated
    from stated
    where gap is not null
    group by all
),

outside as (
    select stated.country, sum(stated.people) as grid_people_outside
    from stated
    inner join indicators.ind_cell__place as places using (cell_no)
    where places.nuts_id is null
    group by all
),

final as (
    select
        bases.country,
        countries.country_name,
        bases.people_basis,
        bases.official_people,
        bases.grid_people,
        bases.grid_share,
        bases.grid_cells,
        bases.grid_people_far,
        coalesce(outside.grid_people_outside, 0)::bigint as grid_people_outside,
        coalesce(gaps.grid_people_unallocated, 0)::bigint as grid_people_unallocated,
        coalesce(gaps.grid_rows_confidential, 0)::integer as grid_rows_confidential,
        coalesce(gaps.grid_rows_not_available, 0)::integer as grid_rows_not_available
    from bases
    inner join countries using (country)
    left join gaps using (country)
    left join outside using (country)
)

select * from final
order by country

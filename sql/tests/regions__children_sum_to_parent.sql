-- Population of a region whose children are all known is the sum of its children.
with children as (
    select
        parent_id,
        sum(population_start) as population_start,
        sum(population_end) as population_end,
        bool_and(population_end is not null) as all_known
    from marts.regions
    where parent_id is not null
    group by parent_id
)

select regions.nuts_id, regions.population_end, children.population_end as sum_of_children
from marts.regions
inner join children on children.parent_id = regions.nuts_id
where (children.all_known and (
        regions.population_start is distinct from children.population_start
        or regions.population_end is distinct from children.population_end
    ))
    or (not children.all_known and regions.population_end is not null)

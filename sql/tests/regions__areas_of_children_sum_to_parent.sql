-- At every level areas of children add up to the parent's; where none is official, they do within 2 % (each level's outline is generalised on its own).
with children as (
    select
        parent_id,
        sum(area_km2) as area_km2,
        bool_and(area_basis = 'official') as are_official,
        bool_and(area_basis = 'outline') as are_outline
    from marts.regions
    group by parent_id
)

select regions.nuts_id, regions.area_basis, regions.area_km2, children.area_km2 as sum_of_children
from marts.regions
inner join children on children.parent_id = regions.nuts_id
where (regions.area_basis = 'official') != children.are_official
    or (regions.area_basis = 'outline') != children.are_outline
    -- A child without any official part has its own outline, where the parent has those of its NUTS 3.
    or abs(children.area_km2 / regions.area_km2 - 1)
    > if(regions.area_basis = 'official', 1e-9, 0.02)

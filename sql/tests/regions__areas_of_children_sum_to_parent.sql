-- Official areas of children add up to the parent's; areas of outlines do within 2 % (each level is generalised on its own).
with children as (
    select
        parent_id,
        sum(area_km2) as area_km2,
        min(area_basis) as first_basis,
        max(area_basis) as last_basis
    from marts.regions
    group by parent_id
)

select regions.nuts_id, regions.area_basis, regions.area_km2, children.area_km2 as sum_of_children
from marts.regions
inner join children on children.parent_id = regions.nuts_id
where (regions.area_basis = 'official' and (
        children.last_basis = 'outline' or abs(children.area_km2 - regions.area_km2) > 1e-6
    ))
    or (regions.area_basis = 'outline' and children.first_basis = 'outline'
        and abs(children.area_km2 / regions.area_km2 - 1) > 0.02)

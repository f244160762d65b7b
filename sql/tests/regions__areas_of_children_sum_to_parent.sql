-- Areas of children add up to the parent's within 2 % (each level is generalised on its own).
with children as (
    select parent_id, sum(area_km2) as area_km2 from marts.regions group by parent_id
)

select regions.nuts_id, regions.area_km2, children.area_km2 as sum_of_children
from marts.regions
inner join children on children.parent_id = regions.nuts_id
where abs(children.area_km2 / regions.area_km2 - 1) > 0.02

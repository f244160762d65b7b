-- By functional urban areas, a region is metropolitan exactly if more than half of its people live in a large one; shares lie from 0 to 1.
select
    types.nuts_id,
    types.access_to_city,
    areas.very_large_share,
    areas.large_share,
    areas.large_area_share,
    areas.small_area_share
from typologies.typ_region__access_to_city as types
inner join indicators.ind_region__fua as areas using (nuts_id)
where
    types.access_basis = 'functional urban areas'
    and (
        not areas.is_complete
        or (types.access_to_city is not distinct from 'large metropolitan')
        != (areas.very_large_share > threshold('remoteness_oecd_share'))
        or (coalesce(types.access_to_city, '') in ('large metropolitan', 'metropolitan'))
        != (areas.large_share > threshold('remoteness_oecd_share'))
        or areas.very_large_share > areas.large_share
        or least(areas.very_large_share, areas.large_area_share, areas.small_area_share) < 0
        or greatest(areas.large_share, areas.large_area_share, areas.small_area_share) > 1
    )

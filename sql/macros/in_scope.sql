-- Whether a region is of a NUTS vintage and of a level; one that is NULL does not narrow.
create macro in_scope(region_version, region_id, vintage, nuts_level) as (
    (vintage is null or region_version = vintage)
    and (nuts_level is null or length(region_id) = nuts_level + 2)
)

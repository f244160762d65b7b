select
    nuts_id,
    levl_code::tinyint as level,
    cntr_code as country,
    name_latn as name,
    nuts_name as name_local,
    -- GISCO writes 0 for "no classification provided"; levels 0 to 2 have none.
    nullif(urbn_type, 0)::tinyint as urban_rural_code,
    nullif(mount_type, 0)::tinyint as mountain_code,
    nullif(coast_type, 0)::tinyint as coastal_code,
    -- Area on the ellipsoid's equal-area projection, of the generalised outline.
    st_area(
        st_transform(st_geomfromwkb(geometry), 'EPSG:4326', 'EPSG:3035', always_xy := true)
    ) / 1e6 as area_km2,
    geometry
from raw.gisco_nuts_2021

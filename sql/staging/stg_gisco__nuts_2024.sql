select
    nuts_id,
    levl_code::tinyint as level,
    cntr_code as country,
    name_latn as name,
    -- GISCO writes 0 for "no classification provided"; levels 0 to 2 have none.
    nullif(urbn_type, 0)::tinyint as urban_rural_code,
    geometry
from raw.gisco_nuts_2024

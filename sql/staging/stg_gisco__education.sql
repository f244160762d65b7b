select
    -- Several sites can share the publisher's id.
    id || '/' || site_no as site_id,
    id as publisher_id,
    coalesce(site_name, name) as name,
    city,
    -- ISO 3166-1, so GR and GB, unlike the healthcare file.
    cntr_id as country_code,
    lon,
    lat,
    -- The publisher writes -1 for a position of unknown quality.
    nullif(geo_qual, -1)::tinyint as position_quality,
    level_list as levels,
    list_contains(level_list, 1) as is_primary,
    list_contains(level_list, 3) as is_upper_secondary,
    list_has_any(level_list, [5, 6, 7, 8]::tinyint[]) as is_tertiary,
    coalesce(enrollment, max_students) as capacity,
    public_private as ownership,
    facility_type,
    ref_date as reference_date
from raw.gisco_education

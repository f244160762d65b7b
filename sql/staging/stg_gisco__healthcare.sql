select
    -- Several sites share the publisher's id.
    id || '/' || site_no as site_id,
    id as publisher_id,
    coalesce(site_name, hospital_name) as name,
    hospital_name,
    city,
    cc as country_code,
    lon,
    lat,
    -- The publisher writes -1 for a position of unknown quality.
    nullif(geo_qual, -1)::tinyint as position_quality,
    cap_beds as beds,
    case emergency when 'yes' then true when 'no' then false end as has_emergency,
    public_private as ownership,
    facility_type,
    ref_date as reference_date
from raw.gisco_healthcare

select
    gisco_id as lau_id,
    country,
    code_2016 as nuts_id_2016,
    coalesce(nullif(trim(lau_name_latin), ''), nullif(trim(lau_name_national), '')) as name,
    population::bigint as population,
    area_km2,
    degurba,
    case coastal_area when 'yes' then true when 'no' then false end as is_coastal,
    left(nullif(trim(city_id), ''), 5) as city_id,
    left(nullif(trim(greater_city_id), ''), 5) as greater_city_id,
    -- Country and number alone: the letter and the edition behind them differ between the
    -- units of one area (La Louvière: BE014K1 and BE014L1).
    left(nullif(trim(fua_id), ''), 5) as fua_id,
    nullif(trim(fua_name), '') as fua_name
from raw.eurostat_lau_2019

select
    fua_id as fua_code,
    -- Country and number alone, as in the list of municipalities: the letter and the edition
    -- behind them differ between the parts of one area (La Louvière: BE014K1 and BE014L1).
    left(fua_id, 5) as fua_id,
    fua_name,
    country,
    fua_population_2018::bigint as population,
    city_population_2018::bigint as city_population,
    municipalities::integer as lau_count,
    centre_lau_code,
    centre_name,
    centre_population_2018::bigint as centre_population
from raw.eurostat_fua_2019

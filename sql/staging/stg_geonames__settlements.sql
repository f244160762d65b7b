select
    geonameid,
    name,
    asciiname as name_ascii,
    alternatenames as name_alternatives,
    latitude as lat,
    longitude as lon,
    country_code as iso_code,
    feature_code,
    admin1_code,
    admin2_code,
    admin3_code,
    admin4_code,
    dem as elevation_m,
    coalesce(population_2026, population_2023)::bigint as population,
    -- Which edition of the list gave the population.
    case when population_2026 is null then 2023 else 2026 end::smallint as population_edition
from raw.geonames_cities500

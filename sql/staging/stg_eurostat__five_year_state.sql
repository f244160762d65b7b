select
    nuts_id,
    area_km2,
    age_year,
    age_65_pct,
    median_age,
    gdp_pps_pct_of_eu_2017_19 as gdp_pct_of_eu
from raw.eurostat_five_year

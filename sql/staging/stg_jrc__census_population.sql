select
    nuts_id,
    population_2011::bigint as population_2011,
    population_2021::bigint as population_2021
from raw.jrc_census_population

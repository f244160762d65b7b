-- Every census figure belongs to a NUTS-3 region of the boundaries.
select census.nuts_id
from staging.stg_jrc__census_population as census
anti join marts.regions using (nuts_id)

-- Every country code of the settlement list is in the country seed.
select iso_code, count(*) as places
from staging.stg_geonames__settlements
anti join seeds.countries using (iso_code)
group by iso_code

-- The compound annual rate over the years gives the change again.
select nuts_id, change_pct, annual_change_pct
from marts.regions
where abs(100 * (pow(1 + annual_change_pct / 100, year_end - year_start) - 1) - change_pct) > 1e-6

-- Natural change is births less deaths, and natural change and migration make up the total change.
select nuts_version, nuts_id, year, births, deaths, natural_change, net_migration, total_change
from marts.region_series
where
    births - deaths is distinct from natural_change
    or (net_migration is not null and abs(natural_change + net_migration - total_change) > 1e-6)

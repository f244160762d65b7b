-- The share within reach rises from 15 to 30 to 60 minutes.
select nuts_id, service, within_15_share, within_30_share, within_60_share
from marts.region_access
where within_15_share > within_30_share or within_30_share > within_60_share

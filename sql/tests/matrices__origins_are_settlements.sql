-- Every origin of a stored matrix is a settlement. A matrix of an older list of settlements: hinterland roads --remove.
select distinct minutes.origin_id
from staging.stg_openstreetmap__minutes as minutes
anti join indicators.ind_settlement__listed as listed on listed.geonameid = minutes.origin_id

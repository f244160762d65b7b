-- Official types belong to level 3; every region of level 3 has an urban-rural type.
select nuts_id, level, urban_rural
from marts.regions
where (level = 3) != (urban_rural is not null)

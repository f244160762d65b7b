-- Tiers beyond their target are counted once: marts.town_deserts and marts.towns agree.
select geonameid, deserts.tiers_beyond, towns.tiers_beyond_target
from marts.towns as towns
left join marts.town_deserts as deserts using (geonameid)
where deserts.tiers_beyond is distinct from towns.tiers_beyond_target

-- Of whoever reaches a site, at most a tenth is further away than the 90th percentile.
with access as (
    select reached.service, reached.minutes_nearest, towns.nuts_id, towns.population
    from marts.access as reached
    inner join marts.towns as towns using (geonameid)
    where minutes_nearest is not null and population > 0
        and towns.part_of is null
)

select regions.nuts_id, regions.service, regions.minutes_p90
from marts.region_access as regions
inner join access using (nuts_id, service)
where regions.level = 3 and regions.people_basis = 'settlements'
group by all
having sum(case when access.minutes_nearest > regions.minutes_p90 then population else 0 end)
    > (1 - threshold('access_tail_share') + 1e-9) * sum(population)

-- The nearest site is a site that is in use, and is there exactly where minutes are.
select access.geonameid, access.service, access.nearest_id
from marts.access as access
left join marts.service_sites as sites
    on sites.service = access.service
    and sites.site_id = access.nearest_id
    and sites.geonameid is not null
where (access.minutes_nearest is null) != (access.nearest_id is null)
    or (access.nearest_id is not null and sites.site_id is null)

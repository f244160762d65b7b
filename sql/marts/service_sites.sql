select
    sites.service,
    sites.site_id,
    sites.name,
    sites.country,
    sites.lon,
    sites.lat,
    sites.capacity,
    snapped.geonameid,
    snapped.access_min
from indicators.ind_service__site as sites
left join indicators.ind_service__snapped as snapped using (service, site_id)
order by service, site_id

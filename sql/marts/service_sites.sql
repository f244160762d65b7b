select
    sites.service,
    sites.site_id,
    sites.name,
    sites.hospital_name,
    sites.city,
    -- Hospital, town and site: many sites are called "main site" or by their street.
    coalesce(
        nullif(
            concat_ws(
                ', ',
                coalesce(sites.hospital_name, sites.name),
                case
                    when not contains(lower(coalesce(sites.hospital_name, sites.name, '')), lower(sites.city))
                        then sites.city
                end,
                case when sites.name != sites.hospital_name then sites.name end
            ),
            ''
        ),
        sites.site_id
    ) as label,
    sites.country,
    sites.lon,
    sites.lat,
    sites.position_quality,
    -- What is worst of a position is said; places that stand in for services have their own.
    case
        when snapped.geonameid is null then 'far from every settlement, set aside'
        when sites.is_shared_point then 'shared with a site of another town or name'
        when sites.position_quality = 3 then 'low quality'
        when services.kind = 'register' and sites.position_quality is null then 'quality not stated'
    end as position_note,
    sites.capacity,
    snapped.geonameid,
    snapped.access_min
from indicators.ind_service__site as sites
inner join seeds.services as services using (service)
left join indicators.ind_service__snapped as snapped using (service, site_id)
order by service, site_id

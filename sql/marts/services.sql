-- What is measured, from how many sites, against which line; only services with sites.
with services as (select * from seeds.services),

sites as (
    select
        sites.service,
        count(*) as sites,
        count(snapped.geonameid) as sites_used,
        count(*) - count(snapped.geonameid) as sites_set_aside,
        case when count(sites.capacity) = count(*) then 'capacity' else 'one per site' end
            as capacity_basis
    from indicators.ind_service__site as sites
    inner join indicators.ind_service__snapped as snapped using (service, site_id)
    group by all
),

covered as (
    select
        service,
        count(*) as countries_covered,
        string_agg(country, ' ' order by country) as countries
    from indicators.ind_service__coverage
    where is_covered
    group by all
),

final as (
    select
        services.service,
        services.position,
        services.label,
        services.plural,
        services.kind,
        services.source,
        threshold(services.reference) as reference_min,
        sites.sites,
        sites.sites_used,
        sites.sites_set_aside,
        sites.capacity_basis,
        services.capacity_unit,
        covered.countries_covered,
        covered.countries,
        services.note
    from services
    inner join sites using (service)
    inner join covered using (service)
)

select * from final
order by position

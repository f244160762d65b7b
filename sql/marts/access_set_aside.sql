-- What could not be used, was left empty or mended on the way to the access table.
with findings as (select * from staging.stg_register__findings),

snapped as (
    select service, count(*)::integer as rows, min(site_id) as example
    from indicators.ind_service__snapped
    where geonameid is null
    group by all
),

-- Told at the first service of the register.
files as (
    select source as part, arg_min(service, position) as service
    from seeds.services
    group by all
),

defaults as (
    select files.service, count(*)::integer as rows, min(registers.site_id) as example
    from staging.stg_register__sites as registers
    inner join indicators.ind_service__default_position as points using (part, lon, lat)
    inner join files using (part)
    group by all
),

gaps as (
    select
        service,
        coverage,
        count(*)::integer as rows,
        string_agg(nuts_id, ' ' order by nuts_id) as example
    from indicators.ind_service__region_coverage
    where coverage like 'register%'
    group by all
),

countries as (
    select coverage.service, count(*)::integer as rows, string_agg(coverage.country, ' ' order by coverage.country) as example
    from indicators.ind_service__coverage as coverage
    where not coverage.is_covered
        and coverage.service in (select distinct service from indicators.ind_service__site)
    group by all
),

final as (
    select service, field, finding, action, rows, example
    from findings
    union all
    select service, 'lon', 'one point for sites of several towns: no place', 'set aside', rows, example
    from defaults
    union all
    select service, 'nuts_id', coverage, 'no data', rows, example
    from gaps
    union all
    select service, 'lon', 'further than 30 km from every settlement', 'set aside', rows, example
    from snapped
    union all
    select service, 'country', 'countries for which the service is not known', 'no data', rows, example
    from countries
)

select * from final
order by service, field, finding, action

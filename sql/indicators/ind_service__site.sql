-- The sites of every service. Central places stand in for services by their size; hospitals
-- and schools come from the fetched files and are not there without them.
with nodes as (select * from indicators.ind_settlement__node),

listed as (select geonameid, name from indicators.ind_settlement__listed),

hospitals as (select * from staging.stg_gisco__healthcare),

schools as (select * from staging.stg_gisco__education),

codes as (select * from seeds.countries),

tiers as (
    select 'basic_centre' as service, value as least
    from seeds.thresholds where name = 'access_basic_population'
    union all
    select 'middle_centre', value from seeds.thresholds where name = 'access_middle_population'
    union all
    select 'upper_centre', value from seeds.thresholds where name = 'access_upper_population'
),

centres as (
    select
        tiers.service,
        nodes.geonameid::varchar as site_id,
        listed.name,
        nodes.country,
        nodes.lon,
        nodes.lat,
        null::double as capacity
    from nodes
    inner join tiers on nodes.population >= tiers.least
    inner join listed on listed.geonameid = nodes.geonameid
),

placed as (
    select hospitals.*, coalesce(codes.country, hospitals.cc) as country
    from hospitals
    left join codes on codes.iso_code = hospitals.cc
),

care as (
    select 'hospital' as service, site_id, name, country, lon, lat, null::double as capacity
    from placed
    union all
    select 'hospital_emergency', site_id, name, country, lon, lat, null
    from placed
    where has_emergency
    union all
    select 'hospital_beds', site_id, name, country, lon, lat, beds::double
    from placed
    where beds > 0
),

-- Registers state pupils, places or neither, so one per site is shared out.
taught as (
    select
        unnest(
            case when schools.is_primary then ['school_primary'] else [] end
            || case when schools.is_upper_secondary then ['school_upper_secondary'] else [] end
            || case when schools.is_tertiary then ['university'] else [] end
        ) as service,
        schools.site_id,
        schools.name,
        coalesce(codes.country, schools.iso_code) as country,
        schools.lon,
        schools.lat,
        null::double as capacity
    from schools
    left join codes on codes.iso_code = schools.iso_code
),

final as (
    select * from centres
    union all
    select * from care
    union all
    select * from taught
)

select * from final
order by service, site_id

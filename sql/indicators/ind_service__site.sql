-- The sites of every service, as the seed describes it: places of a size stand in for some
-- services; for others a register's sites count that have the value of its filter and, where
-- something is shared out, some of it. A register that was not fetched has no sites.
with nodes as (select * from indicators.ind_settlement__node),

listed as (select geonameid, name from indicators.ind_settlement__listed),

services as (select * from seeds.services),

-- What stands on a default position stands nowhere that is known.
registers as (
    select registers.*
    from staging.stg_register__sites as registers
    anti join indicators.ind_service__default_position as defaults using (part, lon, lat)
),

-- Two spellings of one town, or two towns of which one site stands elsewhere: nobody can tell.
shared as (
    select part, lon, lat
    from staging.stg_register__sites
    group by part, lon, lat
    having
        count(distinct attributes['city']) > 1
        -- Sweden states its county for the town: where no quality is stated, names tell.
        or (
            max(attributes['position_quality']) is null
            and count(distinct coalesce(attributes['hospital_name'], name)) > 1
        )
),

codes as (select * from seeds.countries),

centres as (
    select
        services.service,
        nodes.geonameid::varchar as site_id,
        listed.name,
        null::varchar as hospital_name,
        null::varchar as city,
        nodes.country,
        nodes.lon,
        nodes.lat,
        null::tinyint as position_quality,
        false as is_shared_point,
        null::double as capacity
    from services
    inner join nodes on nodes.population >= threshold(services.least_population)
    inner join listed on listed.geonameid = nodes.geonameid
),

-- Where no capacity is named, or the register states none, one per site is shared out.
sites as (
    select
        services.service,
        registers.site_id,
        registers.name,
        registers.attributes['hospital_name'] as hospital_name,
        registers.attributes['city'] as city,
        coalesce(codes.country, registers.country_code) as country,
        registers.lon,
        registers.lat,
        registers.attributes['position_quality']::tinyint as position_quality,
        shared.lon is not null as is_shared_point,
        registers.attributes[services.capacity_column]::double as capacity
    from services
    inner join registers on registers.part = services.source
    left join codes on codes.iso_code = registers.country_code
    left join shared
        on shared.part = registers.part and shared.lon = registers.lon and shared.lat = registers.lat
    where
        services.filter_column is null
        or registers.attributes[services.filter_column] = services.filter_value
),

final as (
    select * from centres
    union all
    select *
    from sites
    where
        capacity > 0
        or service not in (select service from services where capacity_column is not null)
)

select * from final
order by service, site_id

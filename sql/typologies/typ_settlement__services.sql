-- Is a settlement short of services? Real services where a register knows them: hospitals,
-- primary and upper secondary schools. Elsewhere places of a size stand in, the basic and the middle
-- centre: an upper one, a city within an hour, would be the position of a town once more.
with access as (select * from indicators.ind_settlement__access),

nodes as (select * from indicators.ind_settlement__node),

covered as (select service, country from indicators.ind_service__coverage where is_covered),

regions as (select * from indicators.ind_service__region_coverage),

lines as (
    select service, kind, threshold(reference) as reference_min
    from seeds.services
    where service in (
        'hospital', 'school_primary', 'school_upper_secondary', 'basic_centre', 'middle_centre'
    )
),

known as (
    select
        access.geonameid,
        lines.kind,
        access.minutes_nearest is null or access.minutes_nearest > lines.reference_min as is_beyond
    from access
    inner join nodes on nodes.geonameid = access.geonameid
    inner join lines on lines.service = access.service
    inner join covered on covered.service = access.service and covered.country = nodes.country
    left join regions on regions.service = access.service and regions.nuts_id = nodes.nuts_id
    where coalesce(regions.coverage, 'covered') = 'covered'
),

counted as (
    select
        geonameid,
        count(*) filter (where kind = 'register') as registers,
        count(*) filter (where kind = 'register' and is_beyond) as registers_beyond,
        count(*) filter (where kind = 'stand-in') as stand_ins,
        count(*) filter (where kind = 'stand-in' and is_beyond) as stand_ins_beyond
    from known
    group by geonameid
),

final as (
    select
        geonameid,
        case when registers > 0 then 'registers' else 'places of a size' end as services_basis,
        case when registers > 0 then registers else stand_ins end::tinyint as services_known,
        case when registers > 0 then registers_beyond else stand_ins_beyond end::tinyint
            as services_beyond
    from counted
)

select * from final

-- Where a service is known: central places everywhere; hospitals in the countries of the file;
-- beds and emergency care where nearly all of a country's sites state them; schools of a level
-- and universities in the countries that have such sites in the file.
with sites as (select * from indicators.ind_service__site),

nodes as (select distinct country from indicators.ind_settlement__node),

services as (select * from seeds.services),

share as (select threshold('access_stated_share') as least),

registers as (
    select
        coalesce(codes.country, hospitals.cc) as country,
        count(*) as sites,
        count(*) filter (where hospitals.beds is not null) / count(*) as beds_stated,
        count(*) filter (where hospitals.has_emergency is not null) / count(*)
            as emergency_stated
    from staging.stg_gisco__healthcare as hospitals
    left join seeds.countries as codes on codes.iso_code = hospitals.cc
    group by all
),

counts as (select service, country, count(*) as sites from sites group by all),

final as (
    select
        services.service,
        nodes.country,
        coalesce(counts.sites, 0) as sites,
        case services.service
            when 'hospital' then registers.sites is not null
            when 'hospital_beds' then coalesce(registers.beds_stated >= share.least, false)
            when 'hospital_emergency'
                then coalesce(registers.emergency_stated >= share.least, false)
            when 'school_primary' then counts.sites is not null
            when 'school_upper_secondary' then counts.sites is not null
            when 'university' then counts.sites is not null
            else true
        end as is_covered
    from services
    cross join nodes
    cross join share
    left join counts using (service, country)
    left join registers using (country)
)

select * from final
order by service, country

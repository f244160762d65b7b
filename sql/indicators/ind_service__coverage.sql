-- Where a service is known: stand-ins everywhere; what only some sites of a register state, in
-- the countries where nearly all do; any other service of a register in the countries that
-- have such sites in it.
with sites as (select * from indicators.ind_service__site),

nodes as (select distinct country from indicators.ind_settlement__node),

services as (select * from seeds.services),

share as (select threshold('access_stated_share') as least),

stated as (
    select
        services.service,
        coalesce(codes.country, registers.country_code) as country,
        count(registers.attributes[services.stated_column]) / count(*) as stated_share
    from services
    inner join staging.stg_register__sites as registers on registers.part = services.source
    left join seeds.countries as codes on codes.iso_code = registers.country_code
    where services.stated_column is not null
    group by all
),

counts as (select service, country, count(*) as sites from sites group by all),

final as (
    select
        services.service,
        nodes.country,
        coalesce(counts.sites, 0) as sites,
        case
            when services.source is null then true
            when services.stated_column is null then counts.sites is not null
            else coalesce(stated.stated_share >= share.least, false)
        end as is_covered
    from services
    cross join nodes
    cross join share
    left join counts using (service, country)
    left join stated using (service, country)
)

select * from final
order by service, country

-- Every region with settlements has a row for each service with sites: figures, or why not.
with places as (select * from indicators.ind_service__region_coverage),

access as (select * from indicators.ind_region__access),

regions as (select nuts_id, level, country, name from staging.stg_gisco__nuts_2021),

settled as (select nuts_id, settled_share from indicators.ind_region__towns),

lines as (select service, threshold(reference) as reference_min from seeds.services),

-- A larger region is covered if anyone in it is counted.
rows as (
    select
        places.service,
        left(places.nuts_id, 2 + steps.level) as nuts_id,
        min(places.coverage) filter (where places.coverage like 'register%') as gap
    from places
    cross join (select unnest([0, 1, 2, 3]) as level) as steps
    where places.service in (select distinct service from indicators.ind_service__site)
    group by all
),

final as (
    select
        rows.nuts_id,
        regions.level,
        regions.country,
        regions.name,
        rows.service,
        case
            when access.people is not null then 'covered'
            else coalesce(rows.gap, 'country not covered')
        end as coverage,
        access.people_basis,
        access.people,
        settled.settled_share,
        access.people_in_gaps,
        access.within_15_share,
        access.within_30_share,
        access.within_60_share,
        access.minutes_mean,
        access.minutes_p90,
        lines.reference_min,
        access.people_beyond_reference,
        access.beyond_reference_share,
        access.people_within_15,
        access.people_within_30,
        access.people_within_60,
        access.people_unreached,
        access.border_effect_min,
        access.people_nearest_abroad,
        access.travel_basis,
        access.settlements
    from rows
    inner join regions using (nuts_id)
    inner join lines using (service)
    left join settled using (nuts_id)
    left join access using (service, nuts_id)
)

select * from final
order by service, nuts_id

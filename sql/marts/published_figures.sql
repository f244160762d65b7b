-- What Eurostat has published beside what comes out here; without the register, nothing does.
with published as (select * from seeds.published_figures),

members as (select distinct country from seeds.countries where country_group = 'EU'),

regions as (
    select nuts_id, country, people, people_within_15, within_15_share
    from marts.region_access
    where service = 'hospital' and level = 3 and coverage = 'covered'
        and country in (select country from members)
),

-- EU, each country and each region.
places as (
    select unnest(['EU', country, nuts_id]) as nuts_id, people, people_within_15, within_15_share
    from regions
),

sums as (
    select
        nuts_id,
        sum(people_within_15) / sum(people) as share,
        count(*) filter (where people_within_15 = people) as everyone,
        count(*) filter (where within_15_share < 0.5) as under_half,
        count(*) filter (where within_15_share < 0.1) as under_tenth
    from places
    group by nuts_id
),

final as (
    select
        published.position,
        published.figure,
        published.nuts_id,
        published.unit,
        published.published::double as published,
        case published.figure
            when 'people within 15 minutes of a hospital' then sums.share
            when 'regions where everyone is within 15 minutes' then sums.everyone
            when 'regions where fewer than half are within 15 minutes' then sums.under_half
            when 'regions where fewer than a tenth are within 15 minutes' then sums.under_tenth
        end::double as shown,
        published.reason,
        published.source
    from published
    left join sums using (nuts_id)
)

select * from final
order by position

-- Where a register lacks a region's own sites, so that minutes to its nearest say nothing of the
-- region. Evidence: the country's sites per person would give the region at least one, it has
-- none, and most of its people do not live near a neighbour's (a district around a city is
-- served by the city); the same of the larger region and all its parts; or the largest town
-- is far from every site. Stand-ins are known everywhere.
with nodes as (
    select * from indicators.ind_settlement__node where population > 0 and nuts_id is not null
),

coverage as (select * from indicators.ind_service__coverage),

services as (select * from seeds.services),

access as (select * from indicators.ind_settlement__access),

limits as (
    select
        threshold('access_gap_expected_sites') as expected_sites,
        threshold('access_gap_served_share') as served_share,
        threshold('access_gap_town_expected_sites') as town_expected_sites,
        threshold('access_gap_town_min') as town_min
),

located as (
    select snapped.service, nodes.nuts_id, count(*) as sites
    from indicators.ind_service__snapped as snapped
    inner join nodes using (geonameid)
    group by all
),

rows as (
    select
        access.service,
        nodes.nuts_id,
        nodes.country,
        nodes.population,
        access.minutes_nearest,
        access.within_30
    from access
    inner join nodes using (geonameid)
),

parts as (
    select
        service,
        nuts_id,
        any_value(country) as country,
        sum(population) as people,
        sum(case when within_30 > 0 then population else 0 end) as people_within_30,
        max(population) as town_people,
        arg_max(coalesce(minutes_nearest, 'infinity'::double), population) as town_minutes
    from rows
    group by all
),

counted as (
    select parts.*, coalesce(located.sites, 0) as sites
    from parts
    left join located using (service, nuts_id)
),

wider as (
    select
        counted.*,
        sum(sites) over country / sum(people) over country as sites_per_person,
        sum(sites) over larger as larger_sites,
        sum(people) over larger as larger_people,
        sum(people_within_30) over larger as larger_people_within_30
    from counted
    window
        country as (partition by service, country),
        larger as (partition by service, left(nuts_id, 4))
),

final as (
    select
        wider.service,
        wider.nuts_id,
        wider.sites,
        wider.people::bigint as people,
        wider.people * wider.sites_per_person as expected_sites,
        wider.people_within_30 / wider.people as within_30_share,
        wider.town_minutes,
        case
            when not coverage.is_covered then 'country not covered'
            when services.source is null then 'covered'
            when
                wider.sites = 0
                and wider.people * wider.sites_per_person >= limits.expected_sites
                and wider.people_within_30 < limits.served_share * wider.people
                then 'register has no site here'
            when
                wider.larger_sites = 0
                and wider.larger_people * wider.sites_per_person >= limits.expected_sites
                and wider.larger_people_within_30 < limits.served_share * wider.larger_people
                then 'register has no site here'
            when
                wider.town_people * wider.sites_per_person >= limits.town_expected_sites
                and wider.town_minutes > limits.town_min
                then 'register has no site near its largest town'
            else 'covered'
        end as coverage
    from wider
    inner join coverage using (service, country)
    inner join services using (service)
    cross join limits
)

select * from final
order by service, nuts_id

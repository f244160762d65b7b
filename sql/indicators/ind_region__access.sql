-- Reach of services by region, weighted by people where they set out from. Who reaches none counts
-- as beyond every limit, and in no mean; people of countries without data count nowhere, those of
-- regions whose own sites the register lacks are only counted.
with nodes as (
    select geonameid, nuts_id
    from indicators.ind_settlement__node
    where population > 0 and nuts_id is not null
),

origins as (select * from indicators.ind_region__origin),

access as (select * from indicators.ind_settlement__access),

places as (
    select service, nuts_id, coverage = 'covered' as is_covered
    from indicators.ind_service__region_coverage
    where coverage != 'country not covered'
),

lines as (
    select service, threshold(reference) as reference_min from seeds.services
),

levels as (select unnest([0, 1, 2, 3]) as level),

-- Each origin's own minutes.
reached as (
    select
        places.service,
        places.nuts_id,
        places.is_covered,
        origins.people_basis,
        origins.population,
        access.minutes_nearest + origins.access_min as minutes,
        access.border_effect_min,
        access.travel_basis,
        lines.reference_min
    from places
    inner join origins using (nuts_id)
    inner join lines using (service)
    left join access
        on access.service = places.service and access.geonameid = origins.geonameid
),

-- Small regions, and within them people at about the same minutes: cells are many, and a tenth of
-- a minute is below what an estimate can tell. Settlements keep their own.
bins as (
    select
        service,
        nuts_id,
        people_basis,
        is_covered,
        travel_basis,
        case people_basis when 'settlements' then minutes else round(minutes, 1) end as minutes,
        sum(population) as people,
        sum(population) filter (where minutes <= threshold('reach_near_min')) as people_within_15,
        sum(population) filter (where minutes <= threshold('reach_middle_min')) as people_within_30,
        sum(population) filter (where minutes <= threshold('reach_far_min')) as people_within_60,
        sum(population) filter (where minutes is null) as people_unreached,
        sum(population) filter (where minutes is null or minutes > reference_min)
            as people_beyond_reference,
        -- Summed as decimals: the result must not depend on the order of rows.
        sum((population * minutes)::decimal(30, 6)) as person_minutes,
        sum((population * border_effect_min)::decimal(30, 6)) as person_border_min,
        sum(population) filter (where border_effect_min is not null) as people_with_border,
        sum(population) filter (where border_effect_min > 0) as people_nearest_abroad
    from reached
    group by all
),

-- Each use makes them anew: held, they would be the largest table of a build.
rows as not materialized (
    select bins.* replace (left(bins.nuts_id, 2 + levels.level) as nuts_id), levels.level
    from bins
    cross join levels
),

ranked as (
    select
        service,
        nuts_id,
        minutes,
        sum(people) over (
            partition by service, nuts_id
            order by minutes
            rows between unbounded preceding and current row
        ) as people_nearer,
        sum(people) over (partition by service, nuts_id) as people
    from rows
    where minutes is not null and is_covered
),

tails as (
    select service, nuts_id, min(minutes) as minutes_p90
    from ranked
    where people_nearer >= threshold('access_tail_share') * people
    group by all
),

settlements as (
    select
        left(nodes.nuts_id, 2 + levels.level) as nuts_id,
        places.service,
        count(*) as settlements
    from nodes
    inner join places on places.nuts_id = nodes.nuts_id and places.is_covered
    cross join levels
    group by all
),

gaps as (
    select
        nuts_id,
        level::tinyint as level,
        service,
        min(people_basis) as people_basis,
        coalesce(sum(people) filter (where not is_covered), 0)::bigint as people_in_gaps
    from rows
    group by all
),

sums as (
    select
        nuts_id,
        service,
        sum(people)::bigint as people,
        coalesce(sum(people_within_15), 0)::bigint as people_within_15,
        coalesce(sum(people_within_30), 0)::bigint as people_within_30,
        coalesce(sum(people_within_60), 0)::bigint as people_within_60,
        coalesce(sum(people_unreached), 0)::bigint as people_unreached,
        sum(person_minutes)::double / (sum(people) filter (where minutes is not null))
            as minutes_mean,
        coalesce(sum(people_beyond_reference), 0)::bigint as people_beyond_reference,
        sum(person_border_min)::double / sum(people_with_border) as border_effect_min,
        coalesce(sum(people_nearest_abroad), 0)::bigint as people_nearest_abroad,
        case
            when count(distinct travel_basis) > 1 then 'both'
            else min(travel_basis)
        end as travel_basis
    from rows
    where is_covered
    group by all
),

final as (
    select
        gaps.nuts_id,
        gaps.level,
        gaps.service,
        gaps.people_basis,
        case when sums.people is not null then coalesce(settlements.settlements, 0) end
            as settlements,
        sums.* exclude (nuts_id, service),
        case when sums.people is not null then lines.reference_min end as reference_min,
        gaps.people_in_gaps,
        sums.people_within_15 / sums.people as within_15_share,
        sums.people_within_30 / sums.people as within_30_share,
        sums.people_within_60 / sums.people as within_60_share,
        sums.people_beyond_reference / sums.people as beyond_reference_share,
        tails.minutes_p90
    from gaps
    inner join lines using (service)
    left join sums using (service, nuts_id)
    left join tails using (service, nuts_id)
    left join settlements using (service, nuts_id)
)

select * from final
order by service, nuts_id

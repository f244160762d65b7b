-- Reach of services by region, weighted by people. Who reaches none counts as beyond every
-- limit, and in no mean; settlements of countries without data count nowhere, those of regions
-- whose own sites the register lacks are only counted.
with nodes as (
    select geonameid, nuts_id, country, population
    from indicators.ind_settlement__node
    where population > 0 and nuts_id is not null
),

access as (select * from indicators.ind_settlement__access),

places as (
    select service, nuts_id as place_id, coverage
    from indicators.ind_service__region_coverage
    where coverage != 'country not covered'
),

lines as (
    select service, threshold(reference) as reference_min from seeds.services
),

listed as (
    select
        access.service,
        places.coverage = 'covered' as is_covered,
        left(nodes.nuts_id, 2 + steps.level) as nuts_id,
        steps.level,
        access.geonameid,
        nodes.population,
        access.minutes_nearest,
        access.within_15,
        access.within_30,
        access.within_60,
        access.border_effect_min,
        access.travel_basis,
        lines.reference_min
    from access
    inner join nodes using (geonameid)
    inner join places on places.service = access.service and places.place_id = nodes.nuts_id
    inner join lines on lines.service = access.service
    cross join (select unnest([0, 1, 2, 3]) as level) as steps
),

rows as (select * from listed where is_covered),

gaps as (
    select
        nuts_id,
        level::tinyint as level,
        service,
        coalesce(sum(population) filter (where not is_covered), 0)::bigint as people_in_gaps
    from listed
    group by all
),

ranked as (
    select
        service,
        nuts_id,
        minutes_nearest,
        sum(population) over place as people_nearer,
        sum(population) over (partition by service, nuts_id) as people
    from rows
    where minutes_nearest is not null
    window place as (
        partition by service, nuts_id
        order by minutes_nearest, geonameid
        rows between unbounded preceding and current row
    )
),

tails as (
    select ranked.service, ranked.nuts_id, min(ranked.minutes_nearest) as minutes_p90
    from ranked
    where ranked.people_nearer >= threshold('access_tail_share') * ranked.people
    group by all
),

sums as (
    select
        nuts_id,
        level::tinyint as level,
        service,
        count(*) as settlements,
        sum(population)::bigint as people,
        sum(case when within_15 > 0 then population else 0 end)::bigint as people_within_15,
        sum(case when within_30 > 0 then population else 0 end)::bigint as people_within_30,
        sum(case when within_60 > 0 then population else 0 end)::bigint as people_within_60,
        sum(case when minutes_nearest is null then population else 0 end)::bigint
            as people_unreached,
        -- Summed as decimals: the result must not depend on the order of rows.
        sum((population * minutes_nearest)::decimal(30, 6))::double
            / sum(population) filter (where minutes_nearest is not null) as minutes_mean,
        max(reference_min) as reference_min,
        sum(
            case
                when minutes_nearest is null or minutes_nearest > reference_min then population
                else 0
            end
        )::bigint as people_beyond_reference,
        sum((population * border_effect_min)::decimal(30, 6))::double
            / sum(population) filter (where border_effect_min is not null)
            as border_effect_min,
        sum(case when border_effect_min > 0 then population else 0 end)::bigint
            as people_nearest_abroad,
        case
            when count(distinct travel_basis) > 1 then 'both'
            else min(travel_basis)
        end as travel_basis
    from rows
    group by all
),

final as (
    select
        gaps.nuts_id,
        gaps.level,
        gaps.service,
        sums.* exclude (nuts_id, level, service),
        gaps.people_in_gaps,
        sums.people_within_15 / sums.people as within_15_share,
        sums.people_within_30 / sums.people as within_30_share,
        sums.people_within_60 / sums.people as within_60_share,
        sums.people_beyond_reference / sums.people as beyond_reference_share,
        tails.minutes_p90
    from gaps
    left join sums using (service, nuts_id)
    left join tails using (service, nuts_id)
)

select * from final
order by service, nuts_id

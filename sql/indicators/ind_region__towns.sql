-- Towns of each region of each level, by the settlement list. Parts of larger places are
-- counted with those.
with regions as (select * from staging.stg_gisco__nuts_2021),

listed as (select * from indicators.ind_settlement__listed),

places as (select * from indicators.ind_settlement__place where section_of is null),

people as (select * from indicators.ind_settlement__people where part_of is null),

sizes as (select * from indicators.ind_settlement__size),

settled as (
    -- One row per settlement and level: a region's code begins with its parents' codes.
    select
        left(places.nuts_id, levels.code_length) as region,
        listed.geonameid,
        listed.name,
        people.population,
        sizes.is_town,
        sizes.is_smst
    from places
    inner join listed on listed.geonameid = places.geonameid
    inner join people on people.geonameid = places.geonameid
    inner join sizes on sizes.geonameid = places.geonameid
    cross join (values (2), (3), (4), (5)) as levels (code_length)
),

official as (
    -- A larger region has an official figure if all of its regions of level 3 have one.
    select
        left(leaves.nuts_id, levels.code_length) as region,
        case
            when count(*) = count(figures.official_people)
                then sum(figures.official_people)::bigint
        end as official_people
    from regions as leaves
    left join indicators.ind_region__official_people as figures using (nuts_id)
    cross join (values (2), (3), (4), (5)) as levels (code_length)
    where leaves.level = 3
    group by region
),

counted as (
    select
        regions.nuts_id,
        coalesce(count(*) filter (where settled.is_town), 0)::integer as town_count,
        coalesce(count(*) filter (where settled.is_smst), 0)::integer as smst_count,
        sum(settled.population)::bigint as settlement_population,
        coalesce(sum(settled.population) filter (where settled.is_smst), 0)
            / sum(settled.population) as smst_population_share,
        -- Ties go to the smaller identifier, so that two builds agree.
        first(settled.geonameid order by settled.population desc, settled.geonameid)
            as largest_town_id,
        first(settled.name order by settled.population desc, settled.geonameid) as largest_town,
        max(settled.population) as largest_town_population
    from regions
    left join settled on settled.region = regions.nuts_id
    group by regions.nuts_id
),

shares as (
    select
        counted.*,
        official.official_people,
        coalesce(counted.settlement_population, 0) / official.official_people as settled_share
    from counted
    left join official on official.region = counted.nuts_id
),

final as (
    select
        *,
        case
            when settled_share < threshold('settled_low_share')
                then 'few of the people are listed'
            when settled_share > threshold('settled_high_share')
                then 'more people are listed than live there'
        end as settled_note
    from shares
)

select * from final

-- Census population of every region of every level, added up from level 3.
-- A parent is known only if all its children are; otherwise the counts say how much is.
with regions as (select * from staging.stg_gisco__nuts_2021),

census as (select * from staging.stg_jrc__census_population),

leaves as (
    select
        leaf.nuts_id,
        leaf.area_km2,
        census.population_2011,
        census.population_2021
    from regions as leaf
    left join census on census.nuts_id = leaf.nuts_id
    where leaf.level = 3
),

-- A region's children of level 3 are those whose code begins with its own.
final as (
    select
        regions.nuts_id,
        count(*)::integer as regions_total,
        count(leaves.population_2021)::integer as regions_known,
        coalesce(
            sum(leaves.area_km2) filter (where leaves.population_2021 is not null), 0
        ) / sum(leaves.area_km2) as covered_area_share,
        sum(leaves.population_2011)::bigint as covered_population_start,
        sum(leaves.population_2021)::bigint as covered_population_end,
        case when regions_known = regions_total then covered_population_start end as population_start,
        case when regions_known = regions_total then covered_population_end end as population_end,
        case when population_end is not null then 2011 end::smallint as year_start,
        case when population_end is not null then 2021 end::smallint as year_end
    from regions
    inner join leaves on starts_with(leaves.nuts_id, regions.nuts_id)
    group by regions.nuts_id
)

select * from final

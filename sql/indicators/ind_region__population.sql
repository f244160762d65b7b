-- Population of every region of every level in the years of the censuses, added up from level 3:
-- the censuses' where they are known, elsewhere Eurostat's series. The series stands beside both.
-- A parent is known only if all its children are; otherwise the counts say how much is.
with regions as (select * from staging.stg_gisco__nuts_2021),

census as (select * from staging.stg_jrc__census_population),

series as (select * from indicators.ind_region__population_series),

leaves as (
    select
        leaf.nuts_id,
        leaf.area_km2,
        coalesce(census.population_2011, series.population_start) as population_start,
        coalesce(census.population_2021, series.population_end) as population_end,
        case
            when census.nuts_id is not null then 'census grid, JRC' else series.series_source
        end as population_source,
        series.population_start as series_population_start,
        series.population_end as series_population_end,
        series.series_source,
        -- What is said of the figures shown; censuses have no flags and no breaks.
        case when census.nuts_id is null then series.flags end as flags,
        case when census.nuts_id is null then series.is_converted end as is_converted,
        case when census.nuts_id is null then series.has_break end as has_break
    from regions as leaf
    left join census on census.nuts_id = leaf.nuts_id
    left join series on series.nuts_id = leaf.nuts_id
    where leaf.level = 3
),

-- A region's children of level 3 are those whose code begins with its own.
sums as (
    select
        regions.nuts_id,
        count(*)::integer as regions_total,
        count(leaves.population_end)::integer as regions_known,
        count(leaves.series_population_end) as series_known,
        coalesce(
            sum(leaves.area_km2) filter (where leaves.population_end is not null), 0
        ) / sum(leaves.area_km2) as covered_area_share,
        sum(leaves.population_start)::bigint as covered_population_start,
        sum(leaves.population_end)::bigint as covered_population_end,
        sum(leaves.series_population_start)::bigint as series_start,
        sum(leaves.series_population_end)::bigint as series_end,
        case
            when min(leaves.population_source) = max(leaves.population_source)
                then min(leaves.population_source)
            else 'census and series'
        end as population_source,
        case
            when min(leaves.series_source) = max(leaves.series_source)
                then min(leaves.series_source)
            else 'yearly and five-year series'
        end as series_source,
        bool_or(leaves.is_converted) as is_converted,
        bool_or(leaves.has_break) as has_break,
        string_agg(leaves.flags, '') as flags
    from regions
    inner join leaves on starts_with(leaves.nuts_id, regions.nuts_id)
    group by regions.nuts_id
),

judged as (
    select *, regions_known = regions_total as is_known, series_known = regions_total as is_told
    from sums
),

final as (
    select
        nuts_id,
        regions_total,
        regions_known,
        covered_area_share,
        covered_population_start,
        covered_population_end,
        case when is_known then covered_population_start end as population_start,
        case when is_known then covered_population_end end as population_end,
        case when is_known then threshold('population_first_year')::integer end as year_start,
        case when is_known then threshold('population_last_year')::integer end as year_end,
        case when is_known then population_source end as population_source,
        case when is_known then is_converted end as population_is_converted,
        case when is_known then has_break end as population_has_break,
        case when is_known then nullif(
            list_aggregate(list_sort(list_distinct(string_split(flags, ''))), 'string_agg', ''), ''
        ) end as population_flags,
        case when is_told then series_start end as series_population_start,
        case when is_told then series_end end as series_population_end,
        case when is_told then series_source end as series_source
    from judged
)

select * from final

-- Population of every region of every level in two years, added up from level 3.
-- A parent is known only if all its children are; otherwise the counts say how much is.
with regions as (select * from staging.stg_gisco__nuts_2021),

choice as (select * from indicators.ind_region__population_choice),

census as (select * from staging.stg_jrc__census_population),

yearly as (select * from indicators.ind_region__population_yearly),

-- A region with one of the two years alone has no figures: sums must be of the same places.
figures as (
    select
        census.nuts_id,
        census.population_2011 as population_start,
        census.population_2021 as population_end,
        null::varchar as flags,
        null::boolean as is_converted,
        null::boolean as has_break
    from census
    cross join choice
    where choice.population_source = 'census grid, JRC'
    union all
    select
        first_year.nuts_id,
        first_year.population,
        last_year.population,
        concat(first_year.flag, last_year.flag),
        first_year.is_converted or last_year.is_converted,
        exists (
            select 1 from yearly
            where yearly.nuts_id = first_year.nuts_id and yearly.is_break
                and yearly.year > choice.year_start and yearly.year <= choice.year_end
        )
    from choice
    inner join yearly as first_year on first_year.year = choice.year_start
    inner join yearly as last_year
        on last_year.year = choice.year_end and last_year.nuts_id = first_year.nuts_id
    where choice.population_source != 'census grid, JRC'
),

leaves as (
    select leaf.nuts_id, leaf.area_km2, figures.* exclude (nuts_id)
    from regions as leaf
    left join figures on figures.nuts_id = leaf.nuts_id
    where leaf.level = 3
),

-- A region's children of level 3 are those whose code begins with its own.
sums as (
    select
        regions.nuts_id,
        count(*)::integer as regions_total,
        count(leaves.population_end)::integer as regions_known,
        coalesce(
            sum(leaves.area_km2) filter (where leaves.population_end is not null), 0
        ) / sum(leaves.area_km2) as covered_area_share,
        sum(leaves.population_start)::bigint as covered_population_start,
        sum(leaves.population_end)::bigint as covered_population_end,
        bool_or(leaves.is_converted) as is_converted,
        bool_or(leaves.has_break) as has_break,
        string_agg(leaves.flags, '') as flags
    from regions
    inner join leaves on starts_with(leaves.nuts_id, regions.nuts_id)
    group by regions.nuts_id
),

final as (
    select
        sums.nuts_id,
        sums.regions_total,
        sums.regions_known,
        sums.covered_area_share,
        sums.covered_population_start,
        sums.covered_population_end,
        case when regions_known = regions_total then covered_population_start end as population_start,
        case when regions_known = regions_total then covered_population_end end as population_end,
        case when regions_known = regions_total then choice.year_start end as year_start,
        case when regions_known = regions_total then choice.year_end end as year_end,
        choice.population_source,
        case when regions_known = regions_total then sums.is_converted end as population_is_converted,
        case when regions_known = regions_total then sums.has_break end as population_has_break,
        case when regions_known = regions_total then nullif(
            list_aggregate(list_sort(list_distinct(string_split(sums.flags, ''))), 'string_agg', ''),
            ''
        ) end as population_flags
    from sums
    cross join choice
)

select * from final

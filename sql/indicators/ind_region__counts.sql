-- Counts of every region, so that regions add up: a larger one is the sum of its NUTS-3 regions
-- wherever all of them are known, and what was published or converted for it elsewhere.
with regions as (select nuts_version, nuts_id from indicators.ind_region__list where level = 3),

measures as (select measure from seeds.series_measures where kind = 'absolute'),

converted as (
    select converted.*
    from indicators.ind_region__converted as converted
    inner join measures using (measure)
),

levels as (select unnest([0, 1, 2]) as level),

-- A region's parts are those whose code begins with its own.
parts as (
    select
        regions.nuts_version,
        regions.nuts_id as part_id,
        left(regions.nuts_id, levels.level + 2) as nuts_id,
        count(*) over (partition by regions.nuts_version, left(regions.nuts_id, levels.level + 2))
            as parts
    from regions
    cross join levels
),

sums as (
    select
        parts.nuts_version,
        parts.nuts_id,
        converted.measure,
        converted.year,
        -- As a decimal: the result must not depend on the order of rows.
        sum(converted.value::decimal(30, 12))::double as value,
        nullif(
            list_aggregate(
                list_sort(list_distinct(string_split(string_agg(converted.flag, ''), ''))),
                'string_agg', ''
            ),
            ''
        ) as flag,
        max(converted.source_version) as source_version,
        case
            when bool_or(converted.conversion = 'estimated') then 'estimated'
            when bool_or(converted.conversion = 'merged') then 'merged'
            else 'added_up'
        end as conversion
    from converted
    inner join parts
        on parts.nuts_version = converted.nuts_version and parts.part_id = converted.nuts_id
    group by parts.nuts_version, parts.nuts_id, converted.measure, converted.year
    having count(converted.value) = any_value(parts.parts)
),

whole as (
    select
        *,
        conversion in ('as_published', 'unchanged', 'recoded') as is_whole
    from converted
),

final as (
    select
        nuts_version,
        nuts_id,
        measure,
        year,
        coalesce(sums.value, whole.value) as value,
        case when whole.is_whole then whole.value end as published_value,
        -- A break in one of its parts is none of the region that was published itself.
        case when sums.value is null or whole.is_whole then whole.flag else sums.flag end as flag,
        case when sums.value is not null then 'value' else whole.state end as state,
        coalesce(whole.source_version, sums.source_version) as source_version,
        case
            when sums.value is null then whole.conversion
            -- The sum is what was published, to rounding.
            when whole.is_whole and abs(whole.value - sums.value) <= 1e-6 * abs(sums.value)
                then whole.conversion
            else sums.conversion
        end as conversion
    from whole
    full join sums using (nuts_version, nuts_id, measure, year)
)

select * from final

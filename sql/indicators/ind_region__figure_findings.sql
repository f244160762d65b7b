-- What is implausible about a figure by itself: a larger region against its parts, a density
-- against people and area, a median age against the years around it.
with counts as (select * from indicators.ind_region__counts),

converted as (
    select * from indicators.ind_region__converted
    where conversion in ('as_published', 'unchanged', 'recoded') and value is not null
),

series as (select * from indicators.ind_region__series),

densities as (select * from indicators.ind_region__density),

limits as (
    select
        threshold('plausibility_parent_share') as parent_share,
        threshold('plausibility_density_ratio') as density_ratio,
        threshold('plausibility_median_age_years') as age_years,
        threshold('plausibility_median_age_turn_years') as turn_years
),

parents as (
    select
        counts.nuts_version, counts.nuts_id, counts.measure, counts.year,
        'parent_children' as rule,
        counts.published_value as value,
        counts.value as expected
    from counts
    cross join limits
    where length(counts.nuts_id) < 5
        and abs(counts.published_value - counts.value)
        > limits.parent_share * greatest(abs(counts.published_value), abs(counts.value))
),

-- Only where the area itself was published for that region.
density as (
    select
        converted.nuts_version, converted.nuts_id, converted.measure, converted.year,
        'density_quotient' as rule,
        converted.value,
        densities.density_per_km2 as expected
    from converted
    inner join densities using (nuts_version, nuts_id, year)
    cross join limits
    where converted.measure = 'density_per_km2'
        and converted.value > 0
        and densities.density_per_km2 > 0
        and not densities.is_area_converted
        and greatest(
            converted.value / densities.density_per_km2, densities.density_per_km2 / converted.value
        ) > limits.density_ratio
),

ages as (
    select
        nuts_version, nuts_id, measure, year, value,
        value - lag(value) over w as since,
        lead(value) over w - value as until,
        lead(value, 2) over w - lead(value) over w as until_next
    from series
    where measure = 'median_age' and value is not null
    window w as (partition by nuts_version, nuts_id order by year)
),

-- Up and down again, or a first year that the next two do not continue.
spikes as (
    select
        ages.*,
        coalesce(
            (least(abs(since), abs(until)) > turn_years and sign(since) != sign(until))
            or (since is null and abs(until) > age_years and abs(until_next) <= age_years),
            false
        ) as is_spike,
        abs(since) > age_years as is_jump
    from ages
    cross join limits
),

median_ages as (
    select
        nuts_version, nuts_id, measure, year,
        case when is_spike then 'median_age_spike' else 'median_age_step' end as rule,
        value,
        case
            when since is null then value + until
            when is_spike then value + (until - since) / 2
            else value - since
        end as expected
    from (
        select
            *,
            lag(is_spike, 1, false) over (partition by nuts_version, nuts_id order by year)
                as is_after_spike
        from spikes
    )
    where is_spike or (is_jump and not is_after_spike)
),

final as (
    select * from parents
    union all select * from density
    union all select * from median_ages
)

select * from final

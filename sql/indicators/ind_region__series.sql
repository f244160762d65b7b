-- Eurostat's yearly figures on both vintages: counts that add up, and ratios. Ratios of converted
-- regions are worked out anew: a density from people and area, any other ratio of a larger region
-- from those of its NUTS-3 regions, weighted by the people of the year or by area.
with measures as (select measure, weight from seeds.series_measures where kind = 'relative'),

ratios as (
    select
        converted.*,
        measures.weight,
        converted.conversion in ('merged', 'estimated') as is_converted
    from indicators.ind_region__converted as converted
    inner join measures using (measure)
),

densities as (select * from indicators.ind_region__density),

corrections as (
    select * from seeds.series_corrections where action = 'people_per_area'
),

weights as (
    select
        ratios.nuts_version,
        ratios.nuts_id,
        ratios.measure,
        ratios.year,
        ratios.value,
        case when ratios.weight = 'area' then densities.area_km2 else densities.people end as weight
    from ratios
    left join densities using (nuts_version, nuts_id, year)
    where length(ratios.nuts_id) = 5
),

means as (
    select
        larger.nuts_version,
        larger.nuts_id,
        larger.measure,
        larger.year,
        -- As decimals: the result must not depend on the order of rows.
        sum((weights.value * weights.weight)::decimal(30, 6))
            / nullif(sum(weights.weight::decimal(30, 6)), 0) as value
    from ratios as larger
    inner join weights
        on weights.nuts_version = larger.nuts_version
        and weights.measure = larger.measure
        and weights.year = larger.year
        and starts_with(weights.nuts_id, larger.nuts_id)
    where larger.is_converted and length(larger.nuts_id) < 5
    group by larger.nuts_version, larger.nuts_id, larger.measure, larger.year
    -- Unknown unless each part's ratio and weight is known.
    having count(*) = count(weights.value * weights.weight)
),

renewed as (
    select
        ratios.* exclude (value, weight, conversion, is_converted),
        case
            when corrections.action is not null then densities.density_per_km2
            when not ratios.is_converted then ratios.value
            when ratios.measure = 'density_per_km2' then densities.density_per_km2
            else coalesce(means.value, ratios.value)
        end as value,
        case
            when corrections.action is not null then 'corrected' else ratios.conversion
        end as conversion
    from ratios
    left join means using (nuts_version, nuts_id, measure, year)
    left join densities using (nuts_version, nuts_id, year)
    left join corrections
        on corrections.measure = ratios.measure
        and starts_with(ratios.nuts_id, corrections.nuts_id)
        and length(ratios.nuts_id) - 2 between corrections.level_from and corrections.level_to
        and ratios.year between corrections.year_from and corrections.year_to
),

final as (
    select
        nuts_version, nuts_id, measure, year, value, flag, state, source_version, conversion
    from indicators.ind_region__counts
    union all
    select
        nuts_version,
        nuts_id,
        measure,
        year,
        value,
        flag,
        case
            when value is not null then 'value' when state = 'value' then 'missing' else state
        end as state,
        source_version,
        conversion
    from renewed
)

select * from final

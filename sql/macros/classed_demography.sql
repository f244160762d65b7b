-- The published regions with the classes that moved thresholds give, from the published figures of
-- each region's latest window: what another window does not change need not be worked out anew.
create macro marts.classed_demography(
    moved := null::map(varchar, double), vintage := null, nuts_level := null
) as table
with regions as (
    select * from marts.region_demography
    where nuts_version = vintage and level = nuts_level
),

shapes as (select * from typologies.typ_region__shape),

flags as (
    select
        regions.* replace (
            webb_type(natural_change_per_1000, net_migration_per_1000, moved) as webb_type,
            shrinking_class(annual_change_pct, moved) as shrinking_class,
            shrinking_cause(
                annual_change_pct, natural_change_per_1000, net_migration_per_1000, moved
            ) as cause,
            duration_class(
                regions.earlier_annual_change_pct,
                regions.recent_annual_change_pct,
                shapes.overall_annual_change_pct,
                moved
            ) as duration_class,
            annual_change_pct < threshold('watch_annual_pct', moved) as is_watch_shrinking,
            median_age >= threshold('watch_median_age', moved) as is_watch_aged,
            gdp_pct_of_eu < threshold('watch_gdp_pct', moved) as is_watch_poor
        )
    from regions
    left join shapes
        on shapes.nuts_version = regions.nuts_version and shapes.nuts_id = regions.nuts_id
),

final as (
    select
        * replace (
            (coalesce(is_watch_shrinking::integer, 0)
                + coalesce(is_watch_aged::integer, 0)
                + coalesce(is_watch_remote::integer, 0)
                + coalesce(is_watch_poor::integer, 0))::integer as watch_count
        )
    from flags
)

select * from final

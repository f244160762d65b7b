-- A service desert is beyond the planning target of several tiers of centres at once.
-- Re-computed, not official: tiers are places of a size.
with access as (select * from indicators.ind_settlement__access),

lines as (
    select service, threshold(reference) as reference_min
    from seeds.services
    where kind = 'stand-in'
),

counted as (
    select
        access.geonameid,
        count(*) filter (
            where access.minutes_nearest is null or access.minutes_nearest > lines.reference_min
        ) as tiers_beyond
    from access
    inner join lines using (service)
    group by all
),

final as (
    select
        counted.geonameid,
        counted.tiers_beyond::tinyint as tiers_beyond,
        counted.tiers_beyond >= threshold('access_desert_tiers') as is_service_desert
    from counted
)

select * from final

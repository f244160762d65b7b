-- A site is counted within a limit exactly where the nearest is within it.
with limits as (
    select
        max(value) filter (where name = 'reach_near_min') as near_min,
        max(value) filter (where name = 'reach_far_min') as far_min
    from seeds.thresholds
)

select geonameid, service, minutes_nearest, within_15, within_60
from marts.access
cross join limits
where (within_15 > 0) != coalesce(minutes_nearest <= near_min, false)
    and abs(minutes_nearest - near_min) > 1e-6
    or (within_60 > 0) != coalesce(minutes_nearest <= far_min, false)
    and abs(minutes_nearest - far_min) > 1e-6
    or within_15 > within_30
    or within_30 > within_60

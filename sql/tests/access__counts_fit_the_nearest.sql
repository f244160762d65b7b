-- A site is counted within a limit exactly where the nearest is within it.
select geonameid, service, minutes_nearest, within_15, within_60
from marts.access
where (within_15 > 0) != coalesce(minutes_nearest <= threshold('reach_near_min'), false)
    and abs(minutes_nearest - threshold('reach_near_min')) > 1e-6
    or (within_60 > 0) != coalesce(minutes_nearest <= threshold('reach_far_min'), false)
    and abs(minutes_nearest - threshold('reach_far_min')) > 1e-6
    or within_15 > within_30
    or within_30 > within_60

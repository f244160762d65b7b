-- The second nearest is no nearer than the nearest and another site; the own country's neither.
select geonameid, service, minutes_nearest, minutes_second, minutes_domestic
from marts.access
where minutes_second < minutes_nearest
    or second_id = nearest_id
    or minutes_domestic < minutes_nearest - 1e-6
    or border_effect_min > minutes_domestic

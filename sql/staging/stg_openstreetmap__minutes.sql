-- Of several stored matrices the least minutes of a pair count: a way that leaves one extract
-- may lie in another. Pairs without a way in any are not known, and left out.
select
    origin::bigint as origin_id,
    destination as destination_id,
    mode,
    min(minutes) as minutes
from raw.openstreetmap_minutes
where minutes is not null
group by origin, destination, mode

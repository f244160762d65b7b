-- A region has figures exactly if it is covered, and the people of a gap are in no sum.
select nuts_id, service, coverage, people, within_15_share, minutes_mean, people_in_gaps
from marts.region_access
where (coverage = 'covered') != (people is not null)
    or (people is null) != (within_15_share is null)
    or (coverage = 'country not covered') != (people_in_gaps is null)
    or (coverage like 'register%' and coalesce(people_in_gaps, 0) = 0)
    or (coverage != 'covered' and minutes_mean is not null)

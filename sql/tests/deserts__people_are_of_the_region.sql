-- People in service deserts of level 3 add up to the settlements that are marked.
with marked as (
    select sum(population) as people from marts.town_deserts
    where is_service_desert and nuts_id is not null
),

summed as (select sum(desert_people) as people from marts.region_deserts where level = 3)

select marked.people, summed.people as of_regions
from marked
cross join summed
where marked.people is distinct from summed.people

-- People of a region's children add up to its own, in each service and each column.
with rows as (select * from marts.region_access),

children as (
    select
        left(nuts_id, length(nuts_id) - 1) as nuts_id,
        service,
        sum(people) as people,
        sum(people_within_30) as within_30,
        sum(people_beyond_reference) as beyond,
        sum(people_unreached) as unreached,
        sum(people_in_gaps) as in_gaps
    from rows
    where level > 0
    group by all
)

select rows.nuts_id, rows.service, rows.people, children.people as of_children
from rows
left join children using (nuts_id, service)
where rows.level < 3
    and (
        rows.people is distinct from children.people
        or rows.people_within_30 is distinct from children.within_30
        or rows.people_beyond_reference is distinct from children.beyond
        or rows.people_in_gaps is distinct from children.in_gaps
        or rows.people_unreached is distinct from children.unreached
    )

-- Every region below level 0 has its parent one level up.
select child.nuts_id, child.parent_id
from marts.regions as child
left join marts.regions as parent on parent.nuts_id = child.parent_id and parent.level = child.level - 1
where child.level > 0 and parent.nuts_id is null

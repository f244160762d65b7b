select
    measure,
    list_transform(string_split(breaks, ' '), x -> x::double) as breaks,
    source,
    evidence
from seeds.map_breaks
order by measure

-- Every country of the settlement list has one order of divisions that is the municipality's.
with levels as (
    select country from seeds.municipality_codes
    union all
    select country from seeds.municipal_levels
),

places as (select distinct country from indicators.ind_settlement__listed)

select places.country, count(levels.country) as levels
from places
left join levels on levels.country = places.country
group by places.country
having count(levels.country) != 1

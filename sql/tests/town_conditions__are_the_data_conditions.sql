-- The columns of town_conditions are the conditions that the data answers, both ways.
with made as (
    select column_name as condition
    from marts.indicators
    where table_name = 'town_conditions' and column_name != 'geonameid'
),

declared as (select id as condition from marts.conditions where answered_by = 'data')

select coalesce(made.condition, declared.condition) as condition
from made
full outer join declared on declared.condition = made.condition
where made.condition is null or declared.condition is null

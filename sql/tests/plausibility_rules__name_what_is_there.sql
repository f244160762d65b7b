-- Each rule of sql/seeds/plausibility_rules.csv names a threshold that there is and what a finding becomes.
with rules as (select *, row_number() over () + 1 as row from seeds.plausibility_rules)

select row, rule, 'threshold' as field, threshold as found, 'a name of thresholds.csv' as allowed
from rules
where threshold is null or threshold not in (select name from seeds.thresholds)
union all
select row, rule, 'becomes', becomes, 'break, open question'
from rules
where becomes is null or becomes not in ('break', 'open question')
union all
select row, rule, 'compares', compares, 'what is compared with what' from rules where compares is null

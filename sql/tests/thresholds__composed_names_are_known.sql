-- Every threshold whose name is put together is a row of the seed.
select 'remoteness_snai_' || class as composed
from (select unnest(['belt', 'intermediate', 'peripheral']) as class) as classes
where snai_limit(class) is null
union all
select reference
from seeds.services
where threshold(reference) is null

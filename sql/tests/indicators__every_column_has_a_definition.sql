-- Every column of every mart is labelled and defined.
select table_name, column_name
from marts.indicators
where coalesce(definition, '') = '' or coalesce(label, '') = ''

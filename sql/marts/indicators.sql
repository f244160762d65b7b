select table_name, column_name, label, unit, data_type, definition, sources, licence, allowed, made_by, position::integer as position
from seeds.dictionary
order by table_name, position

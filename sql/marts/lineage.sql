select table_name, column_name, from_table, from_column
from seeds.lineage
order by all

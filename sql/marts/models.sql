select table_name, layer, made_by, description, grain, statement, reads, macros
from seeds.models
order by table_name

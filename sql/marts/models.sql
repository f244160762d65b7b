select table_name, layer, made_by, description, grain, primary_key, statement, reads, macros
from seeds.models
order by table_name

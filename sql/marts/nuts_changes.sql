select country, level, code_2021, code_2024, label as name, change, kind
from staging.stg_eurostat__nuts_changes
order by coalesce(code_2021, code_2024), code_2024

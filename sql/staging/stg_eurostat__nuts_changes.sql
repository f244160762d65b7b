select
    country_code as country,
    code_2021,
    code_2024,
    coalesce(change, 'none') as change,
    label,
    level::tinyint as level,
    kind
from raw.eurostat_nuts_2021_2024_changes

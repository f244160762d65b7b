select
    code as nuts_id_2024,
    country_code as country,
    level::tinyint as level,
    label as name,
    kind
from raw.eurostat_nuts_2024_labels

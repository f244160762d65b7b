select
    nuts_id as nuts_id_2024,
    lower(metropolitan) as metropolitan,
    metro_id,
    lower(border) as border,
    case island when 'Island' then 'island' when 'Non-island' then 'not island' else lower(island) end as island,
    capital is not null as is_capital_region
from raw.eurostat_nuts_2024_typologies

-- The JRC's three crosswalks, one below the other.
with final as (
    select * from raw.jrc_nuts_2013_2021
    union all select * from raw.jrc_nuts_2016_2021
    union all select * from raw.jrc_nuts_2021_2024
)

select * from final

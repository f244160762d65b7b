-- Codes of NUTS-3 regions by vintage, of boundaries and label lists.
with boundaries_2016 as (
    select 2016as nuts_version, nuts_id from raw.gisco_nuts_2016 where levl_code = 3
),

boundaries_2021 as (
    select 2021as nuts_version, nuts_id from raw.gisco_nuts_2021 where levl_code = 3
),

labels_2024 as (
    select 2024as nuts_version, code as nuts_id
    from raw.eurostat_nuts_2024_labels
    where level = 3
),

final as (
    select * from boundaries_2016
    union select * from boundaries_2021
    union select * from labels_2024
)

select * from final

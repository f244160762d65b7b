with regions as (select * from staging.stg_gisco__nuts_2021 where level = 3),

labels as (select * from seeds.gisco_labels where attribute = 'urban_rural'),

remoteness as (select * from indicators.ind_region__remoteness),

final as (
    select
        regions.nuts_id,
        urban_rural_remoteness(labels.label, 1 - remoteness.beyond_45_share) as remoteness
    from regions
    left join labels on labels.code = regions.urban_rural_code
    left join remoteness using (nuts_id)
)

select * from final

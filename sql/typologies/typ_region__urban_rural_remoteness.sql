-- The official urban-rural type of NUTS-3 regions, split by closeness to a city (Dijkstra and
-- Poelman 2008). The split is re-computed, not official. Exactly half close is close.
with regions as (select * from staging.stg_gisco__nuts_2021 where level = 3),

remoteness as (select * from indicators.ind_region__remoteness),

limits as (
    select max(value) as close_share from seeds.thresholds where name = 'remoteness_close_share'
),

final as (
    select
        regions.nuts_id,
        case
            when regions.urban_rural_code = 1 then 'predominantly urban'
            when remoteness.beyond_45_share is null then null
            when regions.urban_rural_code = 2 and 1 - remoteness.beyond_45_share >= limits.close_share
                then 'intermediate, close to a city'
            when regions.urban_rural_code = 2 then 'intermediate, remote'
            when regions.urban_rural_code = 3 and 1 - remoteness.beyond_45_share >= limits.close_share
                then 'predominantly rural, close to a city'
            when regions.urban_rural_code = 3 then 'predominantly rural, remote'
        end as remoteness
    from regions
    left join remoteness using (nuts_id)
    cross join limits
)

select * from final

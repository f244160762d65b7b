-- Access to a city in the manner of the OECD (Fadic et al. 2019). Re-computed, not official.
-- Metropolitan or not: by functional urban areas where those of a region are known; else by
-- Eurostat's metropolitan type; else people belong to a large city within half an hour of it.
-- Minutes are to the centres of areas; only where a region's areas are known the rule of 80 % of
-- an area holds.
with remoteness as (select * from indicators.ind_region__remoteness where level = 3),

areas as (select * from indicators.ind_region__fua where is_complete),

official as (select * from indicators.ind_region__metropolitan),

limits as (
    select
        threshold('remoteness_oecd_share') as share,
        threshold('remoteness_oecd_large_population') as very_large
),

facts as (
    select
        nuts_id,
        case
            when areas.is_complete then 'functional urban areas'
            when official.metropolitan is not null then 'official metropolitan type'
            else 'settlements'
        end as access_basis,
        official.metropolitan != 'non-metropolitan region' as is_metropolitan,
        official.metropolitan_population,
        areas.very_large_share,
        areas.large_share,
        remoteness.very_large_city_field_share,
        remoteness.large_city_field_share,
        remoteness.near_large_city_share as near_large_share,
        1 - remoteness.beyond_60_share as near_share,
        coalesce(areas.is_holding_large, false) as is_holding_large,
        coalesce(areas.is_holding_small, false) as is_holding_small
    from remoteness
    full join areas using (nuts_id)
    full join official using (nuts_id)
),

-- A region whose settlements all lie outside its generalised outline still has municipalities
-- and an official type.
judged as (
    select
        facts.*,
        case facts.access_basis
            when 'functional urban areas' then facts.very_large_share > limits.share
            when 'official metropolitan type'
                then facts.is_metropolitan and facts.metropolitan_population >= limits.very_large
            else facts.very_large_city_field_share > limits.share
        end as is_large_metropolitan,
        case facts.access_basis
            when 'functional urban areas' then facts.large_share > limits.share
            when 'official metropolitan type' then facts.is_metropolitan
            else facts.large_city_field_share > limits.share
        end as is_any_metropolitan
    from facts
    cross join limits
),

final as (
    select
        judged.nuts_id,
        case
            when judged.is_large_metropolitan then 'large metropolitan'
            when judged.is_any_metropolitan then 'metropolitan'
            when judged.near_large_share > limits.share or judged.is_holding_large
                then 'near a large city'
            when judged.near_share >= limits.share or judged.is_holding_small
                then 'near a smaller city'
            when judged.near_share is null then null
            else 'remote'
        end as access_to_city,
        judged.access_basis
    from judged
    cross join limits
)

select * from final

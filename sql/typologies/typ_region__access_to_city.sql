-- Access to a city in the manner of the OECD (Fadic et al. 2019). Re-computed, not official.
-- By functional urban areas where those of a region are known. Elsewhere settlements stand in:
-- a region is metropolitan by the people who live in a large settlement itself, minutes are to
-- settlements alone, and the rule of 80 % of an area is left out.
with nodes as (select * from indicators.ind_settlement__node where population > 0),

remoteness as (select * from indicators.ind_region__remoteness where level = 3),

areas as (select * from indicators.ind_region__fua where is_complete),

access as (select * from indicators.ind_region__fua_access),

shares as (
    select
        nodes.nuts_id,
        coalesce(
            sum(nodes.population) filter (where nodes.population >= threshold('remoteness_oecd_large_population')), 0
        ) / sum(nodes.population) as very_large_share,
        coalesce(
            sum(nodes.population) filter (where nodes.population >= threshold('remoteness_large_city_population')), 0
        ) / sum(nodes.population) as large_share
    from nodes
    where nodes.nuts_id is not null
    group by nodes.nuts_id
),

-- A region whose settlements all lie outside its generalised outline (Bremerhaven) still has
-- municipalities.
facts as (
    select
        nuts_id,
        areas.is_complete is not null as is_by_areas,
        coalesce(areas.very_large_share, shares.very_large_share) as very_large_share,
        coalesce(areas.large_share, shares.large_share) as large_share,
        case
            when is_by_areas then access.near_large_share
            else remoteness.near_large_city_share
        end as near_large_share,
        case
            when is_by_areas then access.near_share
            else 1 - remoteness.beyond_60_share
        end as near_share,
        coalesce(areas.is_holding_large, false) as is_holding_large,
        coalesce(areas.is_holding_small, false) as is_holding_small
    from shares
    full join areas using (nuts_id)
    left join access using (nuts_id)
    left join remoteness using (nuts_id)
),

final as (
    select
        facts.nuts_id,
        case
            when facts.very_large_share > threshold('remoteness_oecd_share')
                then 'large metropolitan'
            when facts.large_share > threshold('remoteness_oecd_share') then 'metropolitan'
            when facts.near_large_share > threshold('remoteness_oecd_share') or facts.is_holding_large
                then 'near a large city'
            when facts.near_share >= threshold('remoteness_oecd_share') or facts.is_holding_small
                then 'near a smaller city'
            when facts.near_share is null then null
            else 'remote'
        end as access_to_city,
        case when facts.is_by_areas then 'functional urban areas' else 'settlements' end
            as access_basis
    from facts
)

select * from final

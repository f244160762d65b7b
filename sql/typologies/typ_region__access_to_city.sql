-- Access to a city in the manner of the OECD (Fadic et al. 2019). Re-computed, not official:
-- settlements stand in for functional urban areas, so a region is metropolitan by the people
-- who live in a large settlement itself, and the rule of 80 % of an area is left out.
with nodes as (select * from indicators.ind_settlement__node where population > 0),

remoteness as (select * from indicators.ind_region__remoteness where level = 3),

limits as (
    select
        max(value) filter (where name = 'remoteness_oecd_share') as half,
        max(value) filter (where name = 'remoteness_large_city_population') as large,
        max(value) filter (where name = 'remoteness_oecd_large_population') as very_large
    from seeds.thresholds
),

shares as (
    select
        nodes.nuts_id,
        coalesce(sum(nodes.population) filter (where nodes.population >= limits.very_large), 0)
            / sum(nodes.population) as very_large_share,
        coalesce(sum(nodes.population) filter (where nodes.population >= limits.large), 0)
            / sum(nodes.population) as large_share
    from nodes
    cross join limits
    where nodes.nuts_id is not null
    group by nodes.nuts_id
),

final as (
    select
        shares.nuts_id,
        case
            when shares.very_large_share > limits.half then 'large metropolitan'
            when shares.large_share > limits.half then 'metropolitan'
            when remoteness.near_large_city_share > limits.half then 'near a large city'
            when remoteness.beyond_60_share is null then null
            when 1 - remoteness.beyond_60_share >= limits.half then 'near a smaller city'
            else 'remote'
        end as access_to_city
    from shares
    inner join remoteness using (nuts_id)
    cross join limits
)

select * from final

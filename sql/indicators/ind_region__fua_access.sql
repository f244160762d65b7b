-- Share of a region's people within reach of the centre of a functional urban area, from its
-- settlements; the same shares as in ind_region__remoteness, to other targets.
with nodes as (
    select * from indicators.ind_settlement__node where population > 0 and nuts_id is not null
),

travel as (select * from indicators.ind_settlement__fua_minutes),

final as (
    select
        nodes.nuts_id,
        coalesce(
            sum(nodes.population) filter (
                where travel.minutes_to_large_fua <= threshold('remoteness_oecd_min')
            ), 0
        ) / sum(nodes.population) as near_large_share,
        -- NULL where nobody reaches any.
        1 - coalesce(
            sum(nodes.population) filter (
                where travel.minutes_to_fua > threshold('remoteness_oecd_min')
            ), 0
        ) / sum(nodes.population) filter (where travel.minutes_to_fua is not null) as near_share
    from nodes
    inner join travel on travel.geonameid = nodes.geonameid
    group by nodes.nuts_id
)

select * from final

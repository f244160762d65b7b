-- Types of small and medium-sized towns.
-- Roles are our proxy of ESPON TOWN's: by functional urban area, which is commuting, where the
-- municipality is known, by travel time elsewhere (docs/smst.md).
create macro typologies.smst(moved := null::map(varchar, double)) as table
with places as (select * from indicators.ind_settlement__place where section_of is null),

sizes as (select * from indicators.ind_settlement__size),

travel as (select * from indicators.ind_settlement__travel_minutes),

neighbours as (select * from indicators.ind_settlement__neighbours),

ranks as (select * from indicators.ind_settlement__rank),

trend as (select * from typologies.typ_region__trend),

tiers as (select * from typologies.typ_settlement__service_desert),

services as (select * from typologies.typ_settlement__services),

areas as (select * from indicators.ind_settlement__fua),

reach as (
    select
        places.geonameid,
        places.nuts_id,
        sizes.size_class,
        travel.geonameid is not null and sizes.size_class != 'part' as has_position,
        travel.nearest_large_city_id = places.geonameid as is_large_city,
        travel.minutes_to_large_city,
        travel.minutes_to_town,
        travel.minutes_to_city,
        case when areas.is_in_large_fua is null then 'minutes' else 'functional urban area' end
            as basis,
        coalesce(
            areas.is_in_large_fua,
            travel.minutes_to_large_city
            <= threshold('smst_reach_min', moved) + threshold('smst_city_ends_min', moved),
            false
        ) as is_agglomerated
    from places
    inner join sizes on sizes.geonameid = places.geonameid
    left join travel on travel.geonameid = places.geonameid
    left join areas on areas.geonameid = places.geonameid
),

roles as (
    select
        reach.*,
        neighbours.towns_near,
        neighbours.similar_towns_near,
        neighbours.larger_towns_near,
        ranks.rank,
        ranks.rank_in_country,
        tiers.tiers_beyond as tiers_beyond_target,
        services.services_basis,
        services.services_known,
        services.services_beyond,
        trend.trend,
        case when reach.has_position then reach.basis end as agglomerated_basis,
        case
            when not reach.has_position then null
            when reach.is_large_city then 'autonomous'
            when reach.is_agglomerated then 'agglomerated'
            when reach.size_class = 'village' then
                case
                    when
                        coalesce(reach.minutes_to_town > threshold('smst_reach_min', moved), true)
                        then 'isolated'
                end
            when neighbours.similar_towns_near >= threshold('smst_networked_towns', moved)
                then 'networked'
            when neighbours.towns_near = 0 then 'isolated'
            else 'autonomous'
        end as role,
        case
            when reach.minutes_to_city <= threshold('remoteness_close_to_city_min', moved)
                then 'close'
            when reach.minutes_to_city > threshold('remoteness_close_to_city_min', moved)
                then 'remote'
        end as city_reach
    from reach
    inner join ranks on ranks.geonameid = reach.geonameid
    left join neighbours on neighbours.geonameid = reach.geonameid
    left join tiers on tiers.geonameid = reach.geonameid
    left join services on services.geonameid = reach.geonameid
    left join trend on trend.nuts_id = reach.nuts_id
),

parts as (
    select
        *,
        trend = 'shrinking' as is_shrinking,
        city_reach = 'remote' as is_remote,
        rank = 'none'
        and coalesce(rank_in_country > threshold('smst_largest_in_country', moved), true)
            as is_without_rank,
        services_beyond >= threshold('smst_few_services', moved) as is_short_of_services,
        case
            when role is null and size_class not in ('village', 'part') then null
            else coalesce(
                role = 'agglomerated'
                and minutes_to_large_city
                > threshold('smst_margin_min', moved) + threshold('smst_city_ends_min', moved),
                false
            )
        end as is_at_agglomerated_margin
    from roles
),

-- Remote or at the margin: a town has one position, and distance counts once.
dimensions as (
    select
        *,
        case
            when is_remote or is_at_agglomerated_margin then true
            when is_remote is null or is_at_agglomerated_margin is null then null
            else false
        end as is_marginal
    from parts
),

final as (
    select
        geonameid,
        role,
        agglomerated_basis,
        city_reach,
        towns_near,
        similar_towns_near,
        larger_towns_near,
        tiers_beyond_target,
        services_basis,
        services_known,
        services_beyond,
        is_shrinking,
        is_marginal,
        is_remote,
        is_at_agglomerated_margin,
        is_short_of_services,
        is_without_rank,
        list_count(list_filter(
            [is_shrinking, is_marginal, is_short_of_services, is_without_rank], lambda part: part
        ))::tinyint as fragility_count,
        list_count([is_shrinking, is_marginal, is_short_of_services, is_without_rank])::tinyint
            as fragility_known,
        concat_ws(
            ', ',
            concat_ws(' ', role, replace(size_class, '_', ' ')),
            case city_reach
                when 'remote' then 'remote'
                when 'close' then 'close to a city'
                else 'remoteness not known'
            end,
            coalesce(trend || ' region', 'trend not known')
        ) as smst_type
    from dimensions
)

select * from final

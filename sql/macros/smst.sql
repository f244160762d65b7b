-- Types of small and medium-sized towns.
-- Roles are our proxy of ESPON TOWN's, by travel time instead of commuting (docs/smst.md).
create macro typologies.smst(moved := null::map(varchar, double)) as table
with places as (select * from indicators.ind_settlement__place where section_of is null),

sizes as (select * from indicators.ind_settlement__size),

travel as (select * from indicators.ind_settlement__travel_minutes),

neighbours as (select * from indicators.ind_settlement__neighbours),

ranks as (select * from indicators.ind_settlement__rank),

trend as (select * from typologies.typ_region__trend),

tiers as (select * from typologies.typ_settlement__service_desert),

roles as (
    select
        places.geonameid,
        sizes.size_class,
        sizes.is_smst,
        travel.minutes_to_city,
        travel.minutes_to_large_city,
        travel.nearest_large_city_id = places.geonameid as is_large_city,
        neighbours.towns_near,
        neighbours.similar_towns_near,
        neighbours.larger_towns_near,
        ranks.rank,
        tiers.tiers_beyond as tiers_beyond_target,
        trend.trend,
        case
            when travel.geonameid is null or sizes.size_class = 'part' then null
            when travel.nearest_large_city_id = places.geonameid then 'autonomous'
            when
                travel.minutes_to_large_city
                <= threshold('smst_reach_min', moved) + threshold('smst_city_ends_min', moved)
                then 'agglomerated'
            when sizes.size_class = 'village' then
                case
                    when coalesce(travel.minutes_to_town > threshold('smst_reach_min', moved), true)
                        then 'isolated'
                end
            when neighbours.similar_towns_near >= threshold('smst_networked_towns', moved)
                then 'networked'
            when neighbours.towns_near = 0 then 'isolated'
            else 'autonomous'
        end as role,
        case
            when travel.minutes_to_city <= threshold('remoteness_close_to_city_min', moved)
                then 'close'
            when travel.minutes_to_city > threshold('remoteness_close_to_city_min', moved)
                then 'remote'
        end as city_reach
    from places
    inner join sizes on sizes.geonameid = places.geonameid
    inner join ranks on ranks.geonameid = places.geonameid
    left join travel on travel.geonameid = places.geonameid
    left join neighbours on neighbours.geonameid = places.geonameid
    left join tiers on tiers.geonameid = places.geonameid
    left join trend on trend.nuts_id = places.nuts_id
),

parts as (
    select
        *,
        trend = 'shrinking' as is_shrinking,
        city_reach = 'remote' as is_remote,
        rank = 'none' as is_without_rank,
        tiers_beyond_target >= threshold('smst_few_services_tiers', moved) as is_short_of_services,
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

final as (
    select
        geonameid,
        role,
        city_reach,
        towns_near,
        similar_towns_near,
        larger_towns_near,
        tiers_beyond_target,
        is_shrinking,
        is_remote,
        is_without_rank,
        is_short_of_services,
        is_at_agglomerated_margin,
        list_count(list_filter(
            [is_shrinking, is_remote, is_without_rank, is_short_of_services,
                is_at_agglomerated_margin],
            lambda part: part
        ))::tinyint as fragility_count,
        list_count(
            [is_shrinking, is_remote, is_without_rank, is_short_of_services,
                is_at_agglomerated_margin]
        )::tinyint as fragility_known,
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
    from parts
)

select * from final

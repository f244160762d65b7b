-- Roles are our proxy of ESPON TOWN's, by travel time instead of commuting (docs/smst.md).
with places as (select * from indicators.ind_settlement__place where section_of is null),

sizes as (select * from indicators.ind_settlement__size),

travel as (select * from indicators.ind_settlement__travel_minutes),

neighbours as (select * from indicators.ind_settlement__neighbours),

ranks as (select * from indicators.ind_settlement__rank),

trend as (select * from typologies.typ_region__trend),

limits as (
    select
        max(value) filter (where name = 'smst_reach_min') as reach,
        max(value) filter (where name = 'smst_networked_towns') as networked_towns,
        max(value) filter (where name = 'smst_margin_min') as margin,
        max(value) filter (where name = 'smst_few_services_tiers') as few_tiers,
        max(value) filter (where name = 'remoteness_close_to_city_min') as close_to_city,
        max(value) filter (where name = 'access_basic_target_min') as basic_target,
        max(value) filter (where name = 'access_middle_target_min') as middle_target,
        max(value) filter (where name = 'access_upper_target_min') as upper_target
    from seeds.thresholds
),

tiers as (
    select
        access.geonameid,
        count(*) filter (
            where access.minutes_nearest > case access.service
                when 'basic_centre' then limits.basic_target
                when 'middle_centre' then limits.middle_target
                else limits.upper_target
            end
        )::tinyint as tiers_beyond_target
    from indicators.ind_settlement__access as access
    cross join limits
    -- Tiers of central places only: other services are known in some countries alone.
    where access.service in ('basic_centre', 'middle_centre', 'upper_centre')
    group by access.geonameid
),

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
        tiers.tiers_beyond_target,
        trend.trend,
        case
            when travel.geonameid is null then null
            when travel.nearest_large_city_id = places.geonameid then 'autonomous'
            when travel.minutes_to_large_city <= limits.reach then 'agglomerated'
            when sizes.size_class = 'village' then
                case when coalesce(travel.minutes_to_town > limits.reach, true)
                    then 'isolated' end
            when neighbours.similar_towns_near >= limits.networked_towns then 'networked'
            when neighbours.towns_near = 0 then 'isolated'
            else 'autonomous'
        end as role,
        case
            when travel.minutes_to_city <= limits.close_to_city then 'close'
            when travel.minutes_to_city > limits.close_to_city then 'remote'
        end as city_reach,
        limits.margin,
        limits.few_tiers
    from places
    inner join sizes on sizes.geonameid = places.geonameid
    inner join ranks on ranks.geonameid = places.geonameid
    left join travel on travel.geonameid = places.geonameid
    left join neighbours on neighbours.geonameid = places.geonameid
    left join tiers on tiers.geonameid = places.geonameid
    left join trend on trend.nuts_id = places.nuts_id
    cross join limits
),

parts as (
    select
        *,
        trend = 'shrinking' as is_shrinking,
        city_reach = 'remote' as is_remote,
        rank = 'none' as is_without_rank,
        tiers_beyond_target >= few_tiers as is_short_of_services,
        case
            when role is null and size_class != 'village' then null
            else coalesce(role = 'agglomerated' and minutes_to_large_city > margin, false)
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

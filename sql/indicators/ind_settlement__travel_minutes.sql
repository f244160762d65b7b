-- Minutes by the stored matrices where they hold the way, by the estimate elsewhere. The nearest
-- centre is the nearest of both: those that a matrix holds by its minutes, all others (beyond
-- the border, beyond the extract) by the estimate.
with estimated as (select * from indicators.ind_settlement__estimated_minutes),

candidates as (
    select *, false as is_estimate from indicators.ind_settlement__matrix_minutes
    union all
    select *, true from indicators.ind_settlement__beyond_matrix
),

best as (
    select *
    from candidates
    qualify row_number() over (
        partition by geonameid, centre_kind order by minutes, is_estimate, centre_id
    ) = 1
),

measured as (
    select
        geonameid,
        max(minutes) filter (where centre_kind = 'town') as minutes_to_town,
        max(centre_id) filter (where centre_kind = 'town') as nearest_town_id,
        max(minutes) filter (where centre_kind = 'town_10k') as minutes_to_town_10k,
        max(centre_id) filter (where centre_kind = 'town_10k') as nearest_town_10k_id,
        max(minutes) filter (where centre_kind = 'town_20k') as minutes_to_town_20k,
        max(centre_id) filter (where centre_kind = 'town_20k') as nearest_town_20k_id,
        max(minutes) filter (where centre_kind = 'town_50k') as minutes_to_town_50k,
        max(centre_id) filter (where centre_kind = 'town_50k') as nearest_town_50k_id,
        max(minutes) filter (where centre_kind = 'city_100k') as minutes_to_city_100k,
        max(centre_id) filter (where centre_kind = 'city_100k') as nearest_city_100k_id,
        max(minutes) filter (where centre_kind = 'city') as minutes_to_city,
        max(centre_id) filter (where centre_kind = 'city') as nearest_city_id,
        max(minutes) filter (where centre_kind = 'large_city') as minutes_to_large_city,
        max(centre_id) filter (where centre_kind = 'large_city') as nearest_large_city_id,
        max(minutes) filter (where centre_kind = 'very_large_city') as minutes_to_very_large_city,
        max(centre_id) filter (where centre_kind = 'very_large_city') as nearest_very_large_city_id,
        max(minutes) filter (where centre_kind = 'pole') as minutes_to_pole,
        max(centre_id) filter (where centre_kind = 'pole') as nearest_pole_id,
        case
            when not bool_or(is_estimate) then 'routing engine'
            when bool_and(is_estimate) then 'estimate'
            else 'both'
        end as travel_basis,
        case when not bool_and(is_estimate) then
            string_agg(centre_kind, ', ' order by centre_kind) filter (where is_estimate)
        end as estimated_to
    from best
    group by geonameid
),

final as (
    select
        estimated.geonameid,
        case when is_estimate then estimated.minutes_to_town else measured.minutes_to_town end as minutes_to_town,
        case when is_estimate then estimated.nearest_town_id else measured.nearest_town_id end as nearest_town_id,
        case when is_estimate then estimated.minutes_to_town_10k else measured.minutes_to_town_10k end as minutes_to_town_10k,
        case when is_estimate then estimated.nearest_town_10k_id else measured.nearest_town_10k_id end as nearest_town_10k_id,
        case when is_estimate then estimated.minutes_to_town_20k else measured.minutes_to_town_20k end as minutes_to_town_20k,
        case when is_estimate then estimated.nearest_town_20k_id else measured.nearest_town_20k_id end as nearest_town_20k_id,
        case when is_estimate then estimated.minutes_to_town_50k else measured.minutes_to_town_50k end as minutes_to_town_50k,
        case when is_estimate then estimated.nearest_town_50k_id else measured.nearest_town_50k_id end as nearest_town_50k_id,
        case when is_estimate then estimated.minutes_to_city_100k else measured.minutes_to_city_100k end as minutes_to_city_100k,
        case when is_estimate then estimated.nearest_city_100k_id else measured.nearest_city_100k_id end as nearest_city_100k_id,
        case when is_estimate then estimated.minutes_to_city else measured.minutes_to_city end as minutes_to_city,
        case when is_estimate then estimated.nearest_city_id else measured.nearest_city_id end as nearest_city_id,
        case when is_estimate then estimated.city_basis else cities.city_basis end as city_basis,
        case when is_estimate then estimated.minutes_to_large_city else measured.minutes_to_large_city end as minutes_to_large_city,
        case when is_estimate then estimated.nearest_large_city_id else measured.nearest_large_city_id end as nearest_large_city_id,
        case when is_estimate then estimated.minutes_to_very_large_city else measured.minutes_to_very_large_city end as minutes_to_very_large_city,
        case when is_estimate then estimated.nearest_very_large_city_id else measured.nearest_very_large_city_id end as nearest_very_large_city_id,
        case when is_estimate then estimated.minutes_to_pole else measured.minutes_to_pole end as minutes_to_pole,
        case when is_estimate then estimated.nearest_pole_id else measured.nearest_pole_id end as nearest_pole_id,
        coalesce(measured.travel_basis, 'estimate') as travel_basis,
        measured.estimated_to
    from (
        select estimated.*, measured.geonameid is null as is_estimate
        from estimated
        left join measured using (geonameid)
    ) as estimated
    left join measured using (geonameid)
    left join indicators.ind_settlement__city as cities
        on cities.geonameid = measured.nearest_city_id
)

select * from final

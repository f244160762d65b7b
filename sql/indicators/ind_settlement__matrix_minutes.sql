-- The nearest centre of each kind by the stored matrices, of those that they hold. Of two at the
-- same time the larger counts, then the smaller id, as in the estimate.
with nodes as (select * from indicators.ind_settlement__node),

measured as (select country from indicators.ind_country__matrix where is_measured),

pairs as (
    select
        origin_id,
        try_cast(destination_id as bigint) as destination_id,
        -- A centre itself is at 0 minutes, wherever in it the engine begins.
        case when destination_id = origin_id::varchar then 0 else minutes end as minutes
    from staging.stg_openstreetmap__minutes
    where mode = 'car'
),

final as (
    select
        pairs.origin_id::integer as geonameid,
        centres.centre_kind,
        pairs.minutes,
        pairs.destination_id::integer as centre_id
    from pairs
    inner join nodes as origins on origins.geonameid = pairs.origin_id
    inner join measured using (country)
    inner join indicators.ind_settlement__centre as centres
        on centres.geonameid = pairs.destination_id
    inner join nodes as places on places.geonameid = pairs.destination_id
    qualify row_number() over (
        partition by pairs.origin_id, centres.centre_kind
        order by pairs.minutes, places.population desc nulls last, pairs.destination_id
    ) = 1
)

select * from final

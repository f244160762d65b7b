-- Official area where Eurostat has one, of a larger region where it has one of all its NUTS-3 regions;
-- elsewhere the area of the outline, which is generalised.
with regions as (select nuts_id, area_km2 from staging.stg_gisco__nuts_2021),

official as (select nuts_id, area_km2 from staging.stg_eurostat__five_year_state),

sums as (
    select
        regions.nuts_id,
        case when count(official.area_km2) = count(*) then sum(official.area_km2) end as area_km2
    from regions
    inner join official on starts_with(official.nuts_id, regions.nuts_id)
    group by regions.nuts_id
),

final as (
    select
        regions.nuts_id,
        coalesce(sums.area_km2, regions.area_km2) as area_km2,
        case when sums.area_km2 is not null then 'official' else 'outline' end as area_basis
    from regions
    left join sums on sums.nuts_id = regions.nuts_id
)

select * from final

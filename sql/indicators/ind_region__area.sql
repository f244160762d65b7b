-- Official area where Eurostat has one; of a larger region the sum over its NUTS-3 regions, which is
-- official where all of them are, and mixed where some have that of the outline alone, which is
-- generalised and of some coasts without waters. A region without any official part has its outline's.
with regions as (select nuts_id, level, area_km2 from staging.stg_gisco__nuts_2021),

official as (select nuts_id, area_km2 from staging.stg_eurostat__five_year_state),

leaves as (
    select
        regions.nuts_id,
        official.area_km2 as official_km2,
        coalesce(official.area_km2, regions.area_km2) as area_km2
    from regions
    left join official on official.nuts_id = regions.nuts_id
    where regions.level = 3
),

sums as (
    select
        regions.nuts_id,
        sum(leaves.area_km2) as area_km2,
        count(leaves.official_km2) as official_parts,
        count(*) as parts
    from regions
    inner join leaves on starts_with(leaves.nuts_id, regions.nuts_id)
    group by regions.nuts_id
),

final as (
    select
        regions.nuts_id,
        case when sums.official_parts > 0 then sums.area_km2 else regions.area_km2 end as area_km2,
        case
            when sums.official_parts = sums.parts then 'official'
            when sums.official_parts > 0 then 'official and outline'
            else 'outline'
        end as area_basis
    from regions
    left join sums on sums.nuts_id = regions.nuts_id
)

select * from final

-- What a region of 2021 has to do with functional urban areas (FUA): how many of its people
-- live in one, and how much of the area of one it holds (Fadic et al. 2019). Known only if
-- all municipalities of the region are.
with units as (
    select units.*, regions.nuts_id
    from staging.stg_eurostat__lau as units
    inner join indicators.ind_lau__region as regions using (lau_id)
),

areas as (select * from indicators.ind_fua__size),

heirs as (select * from indicators.ind_region__heirs_2016),

limits as (
    select
        threshold('remoteness_oecd_large_population') as very_large,
        threshold('remoteness_large_city_population') as large,
        threshold('remoteness_oecd_small_population') as small,
        threshold('remoteness_oecd_area_share') as area_share
),

listed as (select distinct nuts_id_2016 from units),

-- A region is whole if all that gave people to it went on whole and are in the list.
wholes as (
    select
        heirs.nuts_id,
        bool_and(heirs.heirs = 1 and listed.nuts_id_2016 is not null) as is_whole
    from heirs
    left join listed using (nuts_id_2016)
    group by heirs.nuts_id
    having count(listed.nuts_id_2016) > 0
),

-- An area's part in a region. NULL for people outside every area.
parts as (
    select
        units.nuts_id,
        units.fua_id,
        sum(units.population) as people,
        count(*) = count(units.population) as is_counted,
        sum(units.area_km2::decimal(18, 6))::double as part_km2
    from units
    where units.nuts_id is not null
    group by units.nuts_id, units.fua_id
),

sums as (
    select
        parts.nuts_id,
        sum(parts.people) as people,
        bool_and(
            parts.is_counted
            and (
                parts.fua_id is null
                or (areas.population is not null and areas.area_km2 is not null)
            )
        ) as is_counted,
        coalesce(sum(parts.people) filter (where areas.population >= limits.very_large), 0)
            as very_large_people,
        coalesce(sum(parts.people) filter (where areas.population >= limits.large), 0)
            as large_people,
        -- OECD's bounds: "at least" for the people, "more than" for access and area.
        coalesce(
            max(parts.part_km2 / areas.area_km2) filter (where areas.population > limits.large), 0
        ) as large_area_share,
        coalesce(
            max(parts.part_km2 / areas.area_km2) filter (
                where areas.population >= limits.small and areas.population <= limits.large
            ), 0
        ) as small_area_share
    from parts
    left join areas using (fua_id)
    cross join limits
    group by parts.nuts_id
),

judged as (
    select
        wholes.nuts_id,
        coalesce(wholes.is_whole and sums.is_counted and sums.people > 0, false) as is_complete,
        sums.* exclude (nuts_id, is_counted)
    from wholes
    left join sums using (nuts_id)
),

final as (
    select
        judged.nuts_id,
        judged.is_complete,
        case when is_complete then judged.people::bigint end as population,
        case when is_complete then very_large_people / judged.people end as very_large_share,
        case when is_complete then large_people / judged.people end as large_share,
        case when is_complete then large_area_share end as large_area_share,
        case when is_complete then small_area_share end as small_area_share,
        case when is_complete then large_area_share > limits.area_share end
            as is_holding_large,
        case when is_complete then small_area_share >= limits.area_share end
            as is_holding_small
    from judged
    cross join limits
)

select * from final

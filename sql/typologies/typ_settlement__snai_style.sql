-- Classes of the Italian inner areas by minutes to a pole. Re-computed, not official:
-- poles are settlements of a size, and the minutes of the edition in use apply everywhere.
with travel as (select * from indicators.ind_settlement__travel_minutes),

edition as (
    select value::integer as year from seeds.thresholds where name = 'remoteness_snai_edition'
),

limits as (
    select
        max(value) filter (where name = 'remoteness_snai_belt_' || edition.year || '_min') as belt_min,
        max(value) filter (where name = 'remoteness_snai_intermediate_' || edition.year || '_min')
            as intermediate_min,
        max(value) filter (where name = 'remoteness_snai_peripheral_' || edition.year || '_min')
            as peripheral_min
    from seeds.thresholds
    cross join edition
),

final as (
    select
        travel.geonameid,
        travel.minutes_to_pole,
        case
            when travel.minutes_to_pole is null then null
            when travel.nearest_pole_id = travel.geonameid then 'pole'
            when travel.minutes_to_pole < limits.belt_min then 'belt'
            when travel.minutes_to_pole < limits.intermediate_min then 'intermediate'
            when travel.minutes_to_pole <= limits.peripheral_min then 'peripheral'
            else 'ultra-peripheral'
        end as snai_class
    from travel
    cross join limits
)

select * from final

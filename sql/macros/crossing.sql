-- Where regions shrink and are thin at once: trend by service deserts and by remoteness. The four
-- corners of trend by service deserts have names; what lies between them is in between.
create macro marts.crossing(moved := null::map(varchar, double)) as table
with regions as (select * from marts.regions),

deserts as (select * from marts.region_deserts),

classes as (
    select
        regions.*,
        deserts.people,
        deserts.desert_people,
        trend_class(regions.annual_change_pct, moved) as moved_trend,
        desert_class(regions.desert_share, moved) as desert_class,
        remote_class(regions.remote_share, moved) as remote_class
    from regions
    left join deserts on deserts.nuts_id = regions.nuts_id
),

final as (
    select
        nuts_id,
        level,
        country,
        country_name,
        name,
        nuts_version,
        year_start,
        year_end,
        population_end,
        annual_change_pct,
        moved_trend as trend,
        people,
        desert_people,
        desert_share,
        desert_class,
        minutes_to_city,
        remote_share,
        remote_class,
        remoteness,
        urban_rural,
        case
            when moved_trend is null or desert_class is null then null
            when moved_trend = 'shrinking' and desert_class = 'unserved'
                then 'declining and unserved'
            when moved_trend = 'shrinking' and desert_class = 'served'
                then 'declining, services remain'
            when moved_trend = 'growing' and desert_class = 'unserved' then 'growing and thin'
            when moved_trend = 'growing' and desert_class = 'served' then 'growing and served'
            else 'in between'
        end as quadrant,
        geometry
    from classes
)

select * from final

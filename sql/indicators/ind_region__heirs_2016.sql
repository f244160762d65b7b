-- Where the people of a region of NUTS 2016 went in NUTS 2021. Slivers without people are
-- drawing, not territory: they make no link. Unknown people (French overseas regions) do.
with crosswalk as (
    select *, count(*) over (partition by from_code) as pairs
    from staging.stg_jrc__crosswalk
    where from_version = 2016 and to_version = 2021
),

final as (
    select
        from_code as nuts_id_2016,
        to_code as nuts_id,
        (count(*) over (partition by from_code))::integer as heirs
    from crosswalk
    where pairs = 1 or population_2021 is null or population_2021 > 0
)

select * from final

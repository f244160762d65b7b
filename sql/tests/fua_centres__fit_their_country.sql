-- Each row of sql/seeds/fua_centres.csv names a settlement of the area's country that is no part of another, and the settlement list still gives the expected population.
with corrections as (
    select *, row_number() over () + 1 as row from seeds.fua_centres
),

areas as (select distinct fua_id, country from staging.stg_eurostat__fua),

settlements as (select * from staging.stg_geonames__settlements),

nodes as (select geonameid, country from indicators.ind_settlement__node where population > 0),

judged as (
    select
        row,
        fua_id,
        'geonameid' as field,
        geonameid::varchar as found,
        'a settlement of the area''s country that is no part of another' as allowed
    from corrections
    inner join areas using (fua_id)
    where geonameid is not null
        and not exists (
            select 1 from nodes
            where nodes.geonameid = corrections.geonameid and nodes.country = areas.country
        )
    union all
    select row, fua_id, 'expected_population', corrections.expected_population::varchar, 'the figure was repaired: clear it'
    from corrections
    inner join settlements using (geonameid)
    where corrections.expected_population != settlements.population
)

select * from judged

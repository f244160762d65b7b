-- Each row of sql/seeds/fua_centres.csv states reason and source, names an area of the list that no other row names, and a settlement of its country; the settlement list still gives the expected population.
with corrections as (
    select *, row_number() over () + 1 as row from seeds.fua_centres
),

areas as (select distinct fua_id, country from staging.stg_eurostat__fua),

settlements as (select * from staging.stg_geonames__settlements),

nodes as (select geonameid, country from indicators.ind_settlement__node where population > 0),

judged as (
    select row, fua_id, 'source' as field, source as found, 'where the evidence stands' as allowed
    from corrections where source is null
    union all
    select row, fua_id, 'reason', reason, 'why the list does not lead to the centre'
    from corrections where reason is null
    union all
    select row, fua_id, 'fua_id', fua_id, 'country and number of an area of eurostat_fua_2019'
    from corrections where fua_id is null or fua_id not in (select fua_id from areas)
    union all
    select row, fua_id, 'fua_id', fua_id, 'one row an area'
    from corrections
    qualify row_number() over (partition by fua_id order by row) > 1
    union all
    select row, fua_id, 'geonameid', geonameid::varchar, 'a settlement of the area''s country that is no part of another'
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

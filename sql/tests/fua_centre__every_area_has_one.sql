-- Each functional urban area has a centre of its own with a plausible number of people, or a row in sql/seeds/fua_centres.csv that says why not.
with areas as (select distinct fua_id, country from staging.stg_eurostat__fua),

centres as (select * from indicators.ind_fua__centre),

corrections as (select * from seeds.fua_centres),

people as (
    select
        centres.*,
        nodes.population as people,
        centres.centre_population * threshold('fua_centre_least_people_ratio') as least,
        centres.city_population * threshold('fua_centre_most_people_ratio') as most
    from centres
    inner join indicators.ind_settlement__node as nodes using (geonameid)
),

judged as (
    select fua_id, 'geonameid' as field, null as found, 'a settlement, or a row in fua_centres.csv' as allowed
    from areas
    where fua_id not in (select fua_id from centres)
        and fua_id not in (select fua_id from corrections where fua_id is not null)
    union all
    select fua_id, 'geonameid', geonameid::varchar, 'the centre of one area'
    from centres
    qualify count(*) over (partition by geonameid) > 1
    union all
    select fua_id, 'people', people::varchar, format('{} to {}', least::bigint, most::bigint)
    from people
    where not people between least and most
        and fua_id not in (
            select fua_id from corrections where fua_id is not null and expected_population is not null
        )
)

select * from judged

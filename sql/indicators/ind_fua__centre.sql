-- The settlement in the centre of a functional urban area: in the region of the largest
-- municipality of its cities, the largest settlement that bears the name of the area or of
-- that municipality. An area without such a settlement has no row.
with cores as (
    select
        fua_id,
        fua_name,
        name,
        nuts_id_2016
    from staging.stg_eurostat__lau
    where fua_id is not null and (city_id is not null or greater_city_id is not null)
    qualify row_number() over (partition by fua_id order by population desc, lau_id) = 1
),

-- "Göttingen, Stadt", "La Louvière (greater city)", "Bruxelles/Brussel/Leuven", "Turku FUA".
names as (
    select fua_id, nuts_id_2016, unnest([fua_name, name]) as name
    from cores
),

wanted as (
    select distinct
        names.fua_id,
        heirs.nuts_id,
        search_form(regexp_replace(names.name, '[,(/].*$| FUA$', '')) as name
    from names
    inner join indicators.ind_region__heirs_2016 as heirs using (nuts_id_2016)
    where names.name is not null
),

nodes as (select * from indicators.ind_settlement__node where population > 0),

listed as (select * from indicators.ind_settlement__listed),

borne as (
    select
        nodes.geonameid,
        nodes.nuts_id,
        nodes.population,
        unnest(
            [listed.name, listed.name_ascii]
            || string_split(coalesce(listed.name_alternatives, ''), '|')
        ) as name
    from nodes
    inner join listed using (geonameid)
    where nodes.nuts_id in (select nuts_id from wanted)
),

centres as (
    select wanted.fua_id, borne.geonameid
    from wanted
    inner join borne
        on borne.nuts_id = wanted.nuts_id
        and search_form(borne.name) = wanted.name
    qualify row_number() over (
        partition by wanted.fua_id order by borne.population desc, borne.geonameid
    ) = 1
),

final as (
    select centres.fua_id, centres.geonameid, areas.population
    from centres
    inner join indicators.ind_fua__size as areas using (fua_id)
)

select * from final

-- The settlement in the centre of a functional urban area. First what the seed says by hand;
-- then the largest settlement with the code of the city's largest municipality, where the two
-- lists' codes are the same and that municipality is known (without people, it is just the
-- first one); then the largest of the country that bears the name of either.
with areas as (
    select
        fua_id,
        max_by(fua_name, coalesce(centre_population, 0)) as fua_name,
        min(country) as country,
        case when count(population) = count(*) then sum(population)::bigint end as population,
        case when count(city_population) = count(*) then sum(city_population)::bigint end
            as city_population,
        max_by(centre_lau_code, coalesce(centre_population, 0)) as centre_lau_code,
        max_by(centre_name, coalesce(centre_population, 0)) as centre_name,
        max(centre_population) as centre_population
    from staging.stg_eurostat__fua
    group by fua_id
),

corrections as (
    select * from seeds.fua_centres
    qualify row_number() over (partition by fua_id order by geonameid) = 1
),

places as (
    select
        nodes.geonameid,
        nodes.country,
        nodes.population,
        codes.lau_prefix || substring(municipalities.municipality_code, 4) as lau_id,
        list_distinct(
            [listed.name, listed.name_ascii]
            || string_split(coalesce(listed.name_alternatives, ''), '|')
        ) as spellings
    from indicators.ind_settlement__node as nodes
    inner join indicators.ind_settlement__listed as listed using (geonameid)
    inner join indicators.ind_settlement__municipality as municipalities using (geonameid)
    left join seeds.municipality_codes as codes on codes.country = nodes.country
    where nodes.population > 0 and nodes.country in (select country from areas)
),

by_code as (
    select areas.fua_id, places.geonameid
    from areas
    inner join places on places.lau_id = areas.country || '_' || areas.centre_lau_code
    where areas.centre_population is not null
    qualify row_number() over (
        partition by areas.fua_id order by places.population desc, places.geonameid
    ) = 1
),

-- "Bruxelles/Brussel/Leuven", "Göttingen, Stadt", "La Louvière (greater city)": every part is a name.
named as (
    select country, fua_id, null::integer as geonameid, unnest([fua_name, centre_name]) as name
    from areas
    union all
    select country, fua_id, null, unnest(string_split_regex(fua_name, '[/,(]'))
    from areas
    union all
    select country, fua_id, null, unnest(string_split_regex(centre_name, '[/,(]'))
    from areas
    union all
    select country, null, geonameid, unnest(spellings)
    from places
),

spelled as (
    select distinct
        country,
        fua_id,
        geonameid,
        search_form(name) as name
    from named
    where name is not null
),

-- What the lists of the countries put before or behind the name of a place.
plain as (
    select
        country,
        fua_id,
        trim(regexp_replace(
            name,
            '^(municipiul|municipal commune of|grad) | (fua|linn|stadt|city|urban area|mestska cast .*)$',
            '',
            'g'
        )) as name
    from spelled
    where fua_id is not null
),

by_name as (
    select plain.fua_id, places.geonameid
    from plain
    inner join spelled
        on spelled.country = plain.country
        and spelled.name = plain.name
        and spelled.geonameid is not null
    inner join places on places.geonameid = spelled.geonameid
    where plain.name != ''
    qualify row_number() over (
        partition by plain.fua_id order by places.population desc, places.geonameid
    ) = 1
),

final as (
    select
        areas.fua_id,
        areas.fua_name,
        areas.country,
        places.geonameid,
        case
            when corrections.fua_id is not null then 'by hand'
            when by_code.geonameid is not null then 'municipality code'
            else 'name'
        end as centre_basis,
        areas.population,
        areas.city_population,
        areas.centre_population
    from areas
    left join corrections using (fua_id)
    left join by_code using (fua_id)
    left join by_name using (fua_id)
    inner join places
        on places.geonameid = case
            when corrections.fua_id is not null then corrections.geonameid
            else coalesce(by_code.geonameid, by_name.geonameid)
        end
        and places.country = areas.country
)

select * from final

-- The settlements that count as cities: centres of functional urban areas where Eurostat's list
-- covers the country, settlements of a size elsewhere. How large a city is, is said by the people
-- of its area. Where the list gives none (France, Cyprus) the people of the settlements around
-- the centre stand in, each counted at the nearest centre of its country.
with centres as (select * from indicators.ind_fua__centre),

nodes as (select * from indicators.ind_settlement__node where population > 0),

covered as (select distinct country from staging.stg_eurostat__fua),

limits as (
    select
        threshold('remoteness_city_population') as city,
        threshold('remoteness_large_city_population') as large,
        threshold('remoteness_oecd_large_population') as very_large,
        threshold('fua_people_km') as around_km
),

uncounted as (
    select centres.country, centres.geonameid, places.lon, places.lat
    from centres
    inner join nodes as places using (geonameid)
    where centres.country in (select country from centres where population is null)
),

around as (
    select
        nodes.geonameid,
        nodes.population,
        uncounted.geonameid as centre_id,
        distance_km(nodes.lon, nodes.lat, uncounted.lon, uncounted.lat) as km
    from nodes
    inner join uncounted using (country)
),

estimates as (
    select nearest.centre_id as geonameid, sum(nearest.population)::bigint as population
    from (
        select * from around
        qualify row_number() over (partition by geonameid order by km, centre_id) = 1
    ) as nearest
    cross join limits
    where nearest.km <= limits.around_km
    group by nearest.centre_id
),

cities as (
    select
        centres.geonameid,
        'functional urban area' as city_basis,
        coalesce(centres.population, estimates.population) as city_people,
        case
            when centres.population is not null then 'area, Eurostat'
            else 'settlements around the centre'
        end as city_people_basis
    from centres
    left join estimates using (geonameid)
    union all
    select nodes.geonameid, 'settlement', nodes.population, 'settlement'
    from nodes
    cross join limits
    where nodes.country not in (select country from covered) and nodes.population >= limits.city
),

final as (
    select
        cities.*,
        cities.city_people >= limits.large as is_large_city,
        cities.city_people >= limits.very_large as is_very_large_city
    from cities
    cross join limits
)

select * from final

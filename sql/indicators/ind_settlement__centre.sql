-- What minutes are measured to: the places of each size, the cities, and the poles.
with nodes as (select * from indicators.ind_settlement__node where population is not null),

sizes as (
    select
        unnest(['town', 'town_10k', 'town_20k', 'town_50k', 'city_100k', 'pole']) as centre_kind,
        unnest([
            threshold('remoteness_town_population'),
            threshold('remoteness_town10_population'),
            threshold('remoteness_town20_population'),
            threshold('remoteness_town50_population'),
            threshold('remoteness_city100_population'),
            threshold('remoteness_snai_pole_population')
        ]) as least
),

cities as (
    select cities.*
    from indicators.ind_settlement__city as cities
    inner join indicators.ind_settlement__node using (geonameid)
),

final as (
    select sizes.centre_kind, nodes.geonameid
    from nodes
    inner join sizes on nodes.population >= sizes.least
    union all
    select 'city', geonameid from cities
    union all
    select 'large_city', geonameid from cities where is_large_city
    union all
    select 'very_large_city', geonameid from cities where is_very_large_city
)

select * from final

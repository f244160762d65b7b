-- A region that holds a settlement of 250 000 people is metropolitan by areas and by official type.
-- Where settlements stand in, half of its people must live in the city's field as well.
select regions.nuts_id, regions.name, regions.access_to_city, regions.access_basis, towns.name as city
from marts.regions
inner join marts.towns as towns using (nuts_id)
where regions.level = 3
    and towns.population >= threshold('remoteness_large_city_population')
    and coalesce(regions.access_to_city, '') not in ('large metropolitan', 'metropolitan')
    and coalesce(regions.access_basis, '') <> 'settlements'

-- Every place above 5 000 people in a country with regions has a region.
select towns.geonameid, towns.name, towns.country, towns.population
from marts.towns
inner join (select distinct country from seeds.countries where has_regions) using (country)
where towns.nuts_id is null and towns.population > 5000

-- A settlement lies in a region of its own country.
select geonameid, name, country, nuts_id
from marts.towns
where nuts_id is not null and left(nuts_id, 2) != country

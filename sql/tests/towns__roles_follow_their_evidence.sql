-- A networked town has its similar towns, an isolated one none, and no small town is both.
select geonameid, role, towns_near, similar_towns_near
from marts.towns
where (role = 'networked' and coalesce(similar_towns_near, 0) = 0)
    or (role = 'isolated' and towns_near > 0)
    or (role = 'agglomerated' and nearest_large_city_id = geonameid)

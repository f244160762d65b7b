select name, geometry
from raw.natural_earth_land

select line_no, type, geometry
from raw.natural_earth_roads

-- Great-circle distance in kilometres between two points in degrees (EPSG:4326), on a sphere
-- of the mean radius of the IUGG's.
create macro distance_km(lon_a, lat_a, lon_b, lat_b) as 2 * 6371.0088 * asin(sqrt(
    pow(sin(radians(lat_b - lat_a) / 2), 2)
    + cos(radians(lat_a)) * cos(radians(lat_b)) * pow(sin(radians(lon_b - lon_a) / 2), 2)
))

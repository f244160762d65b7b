select
    from_id::bigint as from_id,
    to_id::bigint as to_id,
    km_major::double as km_major,
    km_secondary::double as km_secondary,
    km_road::double as km_road,
    km_unknown::double as km_unknown,
    km_ferry::double as km_ferry,
    access_km::double as access_km,
    climb_m::double as climb_m
from raw.natural_earth_ways

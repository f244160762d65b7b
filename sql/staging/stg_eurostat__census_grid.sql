-- A cell's number is the kilometres of its corner north and east, one behind the other.
select
    row_no,
    (north_m // 1000) * 100000 + east_m // 1000 as cell_no,
    north_m,
    east_m,
    people::bigint as people,
    countries,
    gap
from raw.eurostat_census_grid

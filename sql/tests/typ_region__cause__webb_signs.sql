-- Webb's types A to D grow by their components and E to H shrink; a cause is given exactly to shrinking regions.
select nuts_version, nuts_id, year, webb_type, natural_change_per_1000, net_migration_per_1000, cause
from typologies.typ_region__cause
where
    (webb_type in ('A', 'B', 'C', 'D') and natural_change_per_1000 + net_migration_per_1000 <= 0)
    or (webb_type in ('E', 'F', 'G', 'H') and natural_change_per_1000 + net_migration_per_1000 >= 0)
    or (cause is null) != (shrinking_class = 'not shrinking')

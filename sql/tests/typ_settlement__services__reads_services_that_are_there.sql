-- The services that a town's shortage is told by are rows of the seed.
select service
from (
    values ('hospital'), ('school_primary'), ('school_upper_secondary'), ('basic_centre'),
        ('middle_centre')
) as named (service)
where service not in (select service from seeds.services)

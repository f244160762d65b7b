-- Trend, remoteness and deserts of the crossing are those that the regions show elsewhere.
select
    crossing.nuts_id,
    crossing.trend,
    regions.trend as of_regions,
    crossing.remote_class,
    regions.remoteness
from marts.region_crossing as crossing
full outer join marts.regions as regions using (nuts_id)
where crossing.trend is distinct from regions.trend
    or crossing.desert_share is distinct from regions.desert_share
    or (
        regions.remoteness like 'predominantly rural%'
        and (crossing.remote_class = 'remote') is distinct from ends_with(regions.remoteness, ', remote')
    )

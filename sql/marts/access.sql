select
    geonameid::integer as geonameid,
    service,
    minutes_nearest,
    nearest_id,
    within_15,
    within_30,
    within_60,
    supply_score,
    minutes_mean_3,
    supply_2sfca,
    supply_gaussian,
    supply_gravity
from indicators.ind_settlement__access
order by service, geonameid

-- Every nearest town, city and pole is one of its kind.
with nearest as (
    unpivot (
        select
            geonameid,
            nearest_town_id as town,
            nearest_town_10k_id as town_10k,
            nearest_town_20k_id as town_20k,
            nearest_town_50k_id as town_50k,
            nearest_city_100k_id as city_100k,
            nearest_city_id as city,
            nearest_large_city_id as large_city,
            nearest_very_large_city_id as very_large_city,
            nearest_pole_id as pole
        from indicators.ind_settlement__travel_minutes
    )
    on columns(* exclude (geonameid))
    into name centre_kind value centre_id
)

select nearest.*
from nearest
anti join indicators.ind_settlement__centre as centres
    on centres.geonameid = nearest.centre_id and centres.centre_kind = nearest.centre_kind

-- Whether a class of remoteness could be another one, were the minutes off by the error of a trip.
-- Who lives in a city or a pole is at 0 minutes, and there is no error in that.
with travel as (select * from indicators.ind_settlement__travel_minutes),

ranges as (
    select
        geonameid,
        minutes_low(minutes_to_city) as minutes_to_city_low,
        minutes_high(minutes_to_city) as minutes_to_city_high,
        minutes_low(minutes_to_pole) as minutes_to_pole_low,
        minutes_high(minutes_to_pole) as minutes_to_pole_high
    from travel
),

final as (
    select
        *,
        minutes_to_city_low <= threshold('remoteness_close_to_city_min')
            and minutes_to_city_high > threshold('remoteness_close_to_city_min')
            as closeness_either_way,
        snai_class(minutes_to_pole_low) != snai_class(minutes_to_pole_high)
            as remoteness_either_way
    from ranges
)

select * from final

-- Error of the estimated minutes of one trip, as a share of them, by how long the trip is
-- (docs/travel-time.md): two of three trips are no further off. At a bound the longer band holds.
create macro travel_error(minutes, moved := null::map(varchar, double)) as case
    when minutes < threshold('travel_error_short_min', moved)
        then threshold('travel_error_shortest_share', moved)
    when minutes < threshold('travel_error_middle_min', moved)
        then threshold('travel_error_short_share', moved)
    when minutes < threshold('travel_error_long_min', moved)
        then threshold('travel_error_middle_share', moved)
    when minutes is not null then threshold('travel_error_long_share', moved)
end

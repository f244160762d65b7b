-- Minutes of a trip if the estimate is too low by its error. Errors are of the logarithm.
create macro minutes_high(minutes, moved := null::map(varchar, double)) as
minutes * (1 + travel_error(minutes, moved))

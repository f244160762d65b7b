-- Minutes of a trip if the estimate is too high by its error. Errors are of the logarithm.
create macro minutes_low(minutes, moved := null::map(varchar, double)) as
minutes / (1 + travel_error(minutes, moved))

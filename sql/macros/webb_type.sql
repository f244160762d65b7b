-- Webb's type of a region by its means of natural change and net migration per 1 000 people a year.
create macro webb_type(natural_mean, migration_mean, moved := null::map(varchar, double)) as case
    when natural_mean is null or migration_mean is null then null
    when abs(natural_mean + migration_mean) <= threshold('webb_stationary_per_1000', moved)
        then 'stationary'
    when natural_mean > 0 and migration_mean < 0 and natural_mean > abs(migration_mean)
        then 'A'
    -- A tie of natural change and migration goes to B and to F.
    when natural_mean >= 0 and migration_mean >= 0 and natural_mean >= migration_mean
        then 'B'
    when natural_mean >= 0 and migration_mean > 0 then 'C'
    when natural_mean < 0 and migration_mean > 0 and migration_mean > abs(natural_mean)
        then 'D'
    when natural_mean < 0 and migration_mean > 0 then 'E'
    when natural_mean <= 0 and migration_mean <= 0
        and abs(natural_mean) >= abs(migration_mean) then 'F'
    when natural_mean <= 0 and migration_mean < 0 then 'G'
    else 'H'
end

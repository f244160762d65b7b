-- Why a shrinking region shrinks: people leave (active), too few are born (legacy), or both, by the
-- weight of migration in the sum of both losses.
create macro shrinking_cause(
    annual_pct, natural_mean, migration_mean, moved := null::map(varchar, double)
) as case
    when annual_pct is null then null
    when annual_pct >= threshold('shrinking_annual_pct', moved) then null
    when migration_mean >= 0 then 'legacy'
    when natural_mean >= 0 then 'active'
    when abs(migration_mean) / (abs(natural_mean) + abs(migration_mean))
        > threshold('cause_active_min_share', moved) then 'mixed, mostly active'
    when abs(migration_mean) / (abs(natural_mean) + abs(migration_mean))
        < threshold('cause_legacy_max_share', moved) then 'mixed, mostly legacy'
    else 'mixed'
end

-- Growing or shrinking by more than the stable band a year, in per cent; both of its ends are stable.
create macro trend_class(annual_pct, moved := null::map(varchar, double)) as case
    when annual_pct is null then null
    when annual_pct < -threshold('trend_stable_annual_pct', moved) then 'shrinking'
    when annual_pct > threshold('trend_stable_annual_pct', moved) then 'growing'
    else 'stable'
end

-- How fast a region shrinks by its annual change in per cent (ESPON ESCAPE 2020).
create macro shrinking_class(annual_pct, moved := null::map(varchar, double)) as case
    when annual_pct is null then null
    when annual_pct >= threshold('shrinking_annual_pct', moved) then 'not shrinking'
    when annual_pct < threshold('shrinking_severe_annual_pct', moved) then 'severe'
    when annual_pct < threshold('shrinking_moderate_annual_pct', moved) then 'moderate'
    else 'modest'
end

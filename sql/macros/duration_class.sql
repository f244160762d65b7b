-- How long a region has shrunk, by its annual change in per cent over an earlier and a recent
-- period of equal length and over both; NULL where one of them is not known.
create macro duration_class(
    earlier_pct, recent_pct, overall_pct, moved := null::map(varchar, double)
) as case
    when overall_pct is null then null
    when earlier_pct >= threshold('shrinking_annual_pct', moved)
        and recent_pct >= threshold('shrinking_annual_pct', moved) then 'no decline'
    when earlier_pct < threshold('shrinking_annual_pct', moved)
        and recent_pct < threshold('shrinking_annual_pct', moved)
        then 'continuous, ' || case
            when overall_pct < threshold('shrinking_severe_annual_pct', moved) then 'severe'
            when overall_pct < threshold('shrinking_moderate_annual_pct', moved) then 'moderate'
            else 'modest'
        end
    when recent_pct < threshold('shrinking_annual_pct', moved)
        and overall_pct < threshold('shrinking_annual_pct', moved) then 'recent-led'
    when recent_pct < threshold('shrinking_annual_pct', moved) then 'recent only, overall gain'
    when overall_pct < threshold('shrinking_annual_pct', moved) then 'earlier-led'
    else 'earlier only, overall gain'
end

-- A finding that becomes a break is one in the series, and no window of causes counts its year.
with breaks as (
    select distinct nuts_version, nuts_id, year
    from marts.plausibility_findings
    where becomes = 'break' and measure in ('net_migration', 'births', 'deaths')
)

select series.nuts_version, series.nuts_id, series.year, series.is_break, series.findings
from breaks
inner join marts.region_series as series using (nuts_version, nuts_id, year)
where series.period_years = 1 and (not series.is_break or series.findings is null)

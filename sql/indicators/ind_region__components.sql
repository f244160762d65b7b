-- Population, births, deaths and the rest, with the breaks that nobody flagged: a year whose
-- change is implausible does not continue the series before.
with balance as (select * from indicators.ind_region__balance),

findings as (
    select
        nuts_version,
        nuts_id,
        year,
        string_agg(distinct rule, ', ' order by rule) as findings
    from indicators.ind_region__change_findings
    group by nuts_version, nuts_id, year
),

final as (
    select
        balance.* replace (balance.is_break or findings.findings is not null as is_break),
        findings.findings
    from balance
    left join findings using (nuts_version, nuts_id, year)
)

select * from final

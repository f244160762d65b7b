-- What is implausible about Eurostat's yearly figures, what became of it, and why.
with findings as (
    select * from indicators.ind_region__figure_findings
    union all
    select * from indicators.ind_region__change_findings
),

rules as (select * from seeds.plausibility_rules),

measures as (select measure, source from seeds.series_measures),

corrections as (select * from seeds.series_corrections),

final as (
    select
        findings.nuts_version,
        (length(findings.nuts_id) - 2)::tinyint as level,
        findings.nuts_id,
        left(findings.nuts_id, 2) as country,
        findings.year,
        findings.rule,
        findings.measure,
        measures.source,
        findings.value,
        findings.expected,
        case when corrections.action is not null then 'correction' else rules.becomes end as becomes,
        coalesce(
            corrections.reason || ' (' || corrections.source || ')',
            rules.compares || ': beyond ' || rules.threshold || ', '
            || threshold(rules.threshold)
        ) as evidence
    from findings
    inner join rules using (rule)
    left join measures using (measure)
    left join corrections
        on corrections.measure = findings.measure
        and starts_with(findings.nuts_id, corrections.nuts_id)
        and length(findings.nuts_id) - 2 between corrections.level_from and corrections.level_to
        and findings.year between corrections.year_from and corrections.year_to
)

select * from final
order by nuts_version, level, nuts_id, year, rule, measure

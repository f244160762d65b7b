-- Each row of sql/seeds/series_corrections.csv states reason and source, names a region and a measure that there are, a span of levels and years, and, where figures are there, has something to correct.
with corrections as (
    select *, row_number() over () + 1 as row from seeds.series_corrections
),

judged as (
    select row, nuts_id, 'source' as field, source as found, 'where the evidence stands' as allowed
    from corrections where source is null
    union all
    select row, nuts_id, 'reason', reason, 'why the figures are wrong' from corrections where reason is null
    union all
    select row, nuts_id, 'action', action, 'sum_of_parts, people_per_area' from corrections
    where action is null or action not in ('sum_of_parts', 'people_per_area')
        or (action = 'people_per_area') != (measure = 'density_per_km2')
    union all
    select row, nuts_id, 'measure', measure, 'a measure of series_measures.csv' from corrections
    where measure is null or measure not in (select measure from seeds.series_measures)
    union all
    select row, nuts_id, 'nuts_id', nuts_id, 'a code of either vintage' from corrections
    where nuts_id is null or nuts_id not in (select nuts_id from indicators.ind_region__list)
    union all
    select row, nuts_id, 'year_to', year_to::varchar, 'year_from or later' from corrections
    where year_from is null or year_to is null or year_to < year_from
    union all
    select row, nuts_id, 'level_to', level_to::varchar, 'level_from to 3' from corrections
    where level_from is null or level_to is null or level_to < level_from or level_to > 3
    union all
    select row, nuts_id, 'year_from', year_from::varchar, 'the source was repaired: delete the row'
    from corrections
    where measure in (select measure from marts.plausibility_findings)
        and not exists (
            select 1 from marts.plausibility_findings as findings
            where findings.becomes = 'correction'
                and findings.measure = corrections.measure
                and starts_with(findings.nuts_id, corrections.nuts_id)
        )
)

select * from judged

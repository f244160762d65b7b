with rows as (select * from raw.catalogue__case_study_figures),

cases as (select id, name from raw.catalogue__case_studies),

sections as (select * from indicators.ind_catalogue__section),

final as (
    select
        rows.case_study,
        rows.experiment,
        rows.measure,
        rows.detail,
        rows.value,
        rows.printed,
        rows.unit,
        rows.period,
        rows.approximate,
        rows.whose,
        rows.document,
        rows.section,
        rows.locator,
        rows.year::smallint as year,
        rows.note,
        cases.name as case_study_name,
        sections.document_title,
        sections.section_heading
    from rows
    left join cases on cases.id = rows.case_study
    left join sections on sections.section = rows.section
)

select * from final
order by case_study, experiment, measure

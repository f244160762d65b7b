with rows as (select * from raw.catalogue__case_study_figures),

cases as (select id, name from raw.catalogue__case_studies),

documents as (select id, title from raw.catalogue__documents),

sections as (select id, number, heading from raw.catalogue__document_sections),

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
        documents.title as document_title,
        case when starts_with(sections.heading, sections.number) then sections.heading
            else concat_ws(' ', sections.number, sections.heading) end as section_heading
    from rows
    left join cases on cases.id = rows.case_study
    left join documents on documents.id = rows.document
    left join sections on sections.id = rows.section
    order by rows.case_study, rows.experiment, rows.measure
)

select * from final

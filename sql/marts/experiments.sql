with rows as (select * from raw.catalogue__experiments),

cases as (select id, name from raw.catalogue__case_studies),

documents as (select id, title from raw.catalogue__documents),

sections as (select id, number, heading from raw.catalogue__document_sections),

final as (
    select
        rows.id,
        rows.case_study,
        rows.name,
        rows.challenge,
        rows.what,
        rows.who,
        rows."when" as when_done,
        rows.participants,
        rows.target_groups,
        rows.method,
        rows.result,
        rows.limits,
        rows.needs,
        rows.replicability,
        rows.follow_up,
        rows.funding,
        rows.places,
        rows.approaches,
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
    order by rows.id
)

select * from final

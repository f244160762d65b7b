with rows as (select * from raw.catalogue__practice_conditions),

conditions as (select id, question, value_type from raw.catalogue__conditions),

documents as (select id, title from raw.catalogue__documents),

sections as (select id, number, heading from raw.catalogue__document_sections),

final as (
    select
        rows.practice,
        rows.condition,
        rows.operator,
        rows.value,
        rows.strength,
        rows.answered_by,
        rows.stated_by,
        rows.document,
        rows.section,
        rows.locator,
        rows.year::smallint as year,
        rows.note,
        conditions.question,
        conditions.value_type,
        documents.title as document_title,
        case when starts_with(sections.heading, sections.number) then sections.heading
            else concat_ws(' ', sections.number, sections.heading) end as section_heading
    from rows
    left join conditions on conditions.id = rows.condition
    left join documents on documents.id = rows.document
    left join sections on sections.id = rows.section
    order by rows.practice, rows.condition, rows.operator
)

select * from final

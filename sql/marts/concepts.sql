with rows as (select * from raw.catalogue__concepts),

documents as (select id, title from raw.catalogue__documents),

sections as (select id, number, heading from raw.catalogue__document_sections),

final as (
    select
        rows."table" as concept_table,
        rows.id,
        rows.position::integer as position,
        rows.name,
        rows.subgroup,
        rows.origin,
        rows.meaning,
        rows.strengths,
        rows.weaknesses,
        rows.attention,
        rows.examples,
        rows.value,
        rows.url,
        rows.document,
        rows.section,
        rows.locator,
        rows.year::smallint as year,
        rows.note,
        documents.title as document_title,
        case when starts_with(sections.heading, sections.number) then sections.heading
            else concat_ws(' ', sections.number, sections.heading) end as section_heading
    from rows
    left join documents on documents.id = rows.document
    left join sections on sections.id = rows.section
    order by rows."table", rows.position, rows.id
)

select * from final

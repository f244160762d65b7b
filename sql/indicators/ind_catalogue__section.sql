-- A section as a reader looks it up: title of its document, number and heading.
with sections as (select * from raw.catalogue__document_sections),

documents as (select id, title from raw.catalogue__documents),

final as (
    select
        sections.id as section,
        sections.document,
        documents.title as document_title,
        -- Some headings begin with their number as printed.
        case when starts_with(sections.heading, sections.number) then sections.heading
            else concat_ws(' ', sections.number, sections.heading) end as section_heading
    from sections
    left join documents on documents.id = sections.document
)

select * from final
order by section

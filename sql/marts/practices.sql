with rows as (select * from raw.catalogue__practices),

documents as (select id, title from raw.catalogue__documents),

sections as (select id, number, heading from raw.catalogue__document_sections),

final as (
    select
        rows.id,
        rows.title,
        rows.challenge,
        rows.action,
        rows.actors,
        rows.cost_level,
        rows.cost_by,
        rows.horizon,
        rows.funding,
        rows.target_groups,
        rows.focal_points,
        rows.approaches,
        rows.tried_at,
        rows.places,
        rows.result,
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
    order by rows.id
)

select * from final

with rows as (select * from raw.catalogue__concepts),

sections as (select * from indicators.ind_catalogue__section),

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
        sections.document_title,
        sections.section_heading
    from rows
    left join sections on sections.section = rows.section
)

select * from final
order by concept_table, position, id

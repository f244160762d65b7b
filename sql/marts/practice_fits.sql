with rows as (select * from raw.catalogue__practice_conditions),

conditions as (select id, question, value_type from raw.catalogue__conditions),

sections as (select * from indicators.ind_catalogue__section),

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
        sections.document_title,
        sections.section_heading
    from rows
    left join conditions on conditions.id = rows.condition
    left join sections on sections.section = rows.section
)

select * from final
order by practice, condition, operator

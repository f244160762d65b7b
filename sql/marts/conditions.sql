with rows as (select * from raw.catalogue__conditions),

sections as (select * from indicators.ind_catalogue__section),

final as (
    select
        rows.id,
        rows.question,
        rows.answered_by,
        rows.value_type,
        rows.allowed_values,
        rows.mart_table,
        rows.mart_column,
        rows.rule,
        rows.help,
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
order by id

with rows as (select * from raw.catalogue__documents),

final as (
    select
        rows.id,
        rows.kind,
        rows.title,
        rows.subtitle,
        rows.authors,
        rows.publisher,
        rows.project,
        rows.year::smallint as year,
        rows.year_note,
        rows.url,
        rows.file_stem,
        rows.licence
    from rows
)

select * from final
order by id

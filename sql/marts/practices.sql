with rows as (select * from raw.catalogue__practices),

sections as (select * from indicators.ind_catalogue__section),

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
        sections.document_title,
        sections.section_heading
    from rows
    left join sections on sections.section = rows.section
)

select * from final
order by id

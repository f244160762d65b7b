with rows as (select * from raw.catalogue__experiments),

cases as (select id, name from raw.catalogue__case_studies),

sections as (select * from indicators.ind_catalogue__section),

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
        sections.document_title,
        sections.section_heading
    from rows
    left join cases on cases.id = rows.case_study
    left join sections on sections.section = rows.section
)

select * from final
order by id

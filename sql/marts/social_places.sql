with rows as (select * from raw.catalogue__social_places),

countries as (select distinct country, country_name from seeds.countries),

cases as (select id, name from raw.catalogue__case_studies),

sections as (select * from indicators.ind_catalogue__section),

final as (
    select
        rows.id,
        rows.name,
        rows.name_local,
        rows.kind,
        rows.type,
        rows.case_study,
        rows.scope,
        rows.status,
        rows.run_by,
        rows.run_by_name,
        rows.description,
        rows.target_groups,
        rows.result,
        rows.country,
        rows.town,
        rows.geonameid::integer as geonameid,
        rows.settlement_link,
        rows.nuts3,
        rows.lon,
        rows.lat,
        rows.coordinate_exactness,
        rows.coordinate_source,
        rows."public",
        rows.inclusive,
        rows.hybrid,
        rows.repeated_encounter,
        rows.level,
        rows.social_capital,
        rows.focal_points,
        rows.approaches,
        rows.classified_by,
        rows.document,
        rows.section,
        rows.locator,
        rows.year::smallint as year,
        rows.note,
        countries.country_name,
        cases.name as case_study_name,
        sections.document_title,
        sections.section_heading
    from rows
    left join countries on countries.country = rows.country
    left join cases on cases.id = rows.case_study
    left join sections on sections.section = rows.section
)

select * from final
order by id

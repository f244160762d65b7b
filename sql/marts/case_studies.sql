with rows as (select * from raw.catalogue__case_studies),

countries as (select distinct country, country_name from seeds.countries),

sections as (select * from indicators.ind_catalogue__section),

final as (
    select
        rows.id,
        rows.name,
        rows.name_local,
        rows.kind,
        rows.role,
        rows.part_of,
        rows.region,
        rows.summary,
        rows.challenge,
        rows.trend,
        rows.migration_history,
        rows.reception_centre,
        rows.described_as,
        rows.country,
        rows.town,
        rows.geonameid::integer as geonameid,
        rows.settlement_link,
        rows.nuts3,
        rows.lon,
        rows.lat,
        rows.coordinate_exactness,
        rows.coordinate_source,
        rows.document,
        rows.section,
        rows.locator,
        rows.year::smallint as year,
        rows.note,
        countries.country_name,
        sections.document_title,
        sections.section_heading
    from rows
    left join countries on countries.country = rows.country
    left join sections on sections.section = rows.section
)

select * from final
order by id

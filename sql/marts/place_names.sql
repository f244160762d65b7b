with regions as (select * from marts.regions),

towns as (select * from marts.towns),

exonyms as (select * from seeds.region_exonyms),

cases as (select * from marts.case_studies),

-- A region that is named after its largest town has that town's other names, too.
namesakes as (
    select regions.nuts_id, towns.name, towns.name_alternatives
    from regions
    inner join towns on towns.geonameid = regions.largest_town_id
    where search_form(split_part(regions.name, ',', 1)) in (
        search_form(towns.name),
        search_form(towns.name_ascii),
        search_form(split_part(towns.name_alternatives, '|', 1))
    ) or list_contains(
        list_transform(string_split(towns.name_alternatives, '|'), lambda n: search_form(n)),
        search_form(split_part(regions.name, ',', 1))
    )
),

-- The regions of 2021 whose people live in a region of 2024, whatever moved between them.
heirs as (
    select code_2021, code_2024 from marts.nuts_changes
    where code_2021 is not null and code_2024 is not null
    union
    select code_2021, code_2024 from seeds.nuts_2024_heirs
    union
    -- Re-drawn under a new code, but called as before: Keski-Suomi, Utrecht.
    select regions.nuts_id, moved.code_2024
    from marts.nuts_changes as moved
    inner join regions
        on regions.country = moved.country
        and regions.level = moved.level
        and regions.name = moved.name
    where moved.code_2021 is null
),

named as (
    select 'region' as place_kind, nuts_id as place_id, name, true as is_main from regions
    union all
    select 'region', nuts_id, name_local, true from regions
    union all
    select 'region', nuts_id, country_name, true from regions where level = 0
    union all
    select 'region', nuts_id, nuts_id, true from regions
    union all
    select 'region', heirs.code_2021, heirs.code_2024, true from heirs
    inner join regions on regions.nuts_id = heirs.code_2021
    union all
    select 'region', nuts_id, name, true from exonyms
    union all
    select 'region', nuts_id, name, true from namesakes
    union all
    select 'region', nuts_id, unnest(string_split(name_alternatives, '|')), false from namesakes
    union all
    select 'town', geonameid::varchar, name, true from towns
    union all
    select 'town', geonameid::varchar, name_ascii, true from towns
    union all
    select 'town', geonameid::varchar, unnest(string_split(name_alternatives, '|')), false
    from towns
    union all
    select 'case study', id, name, true from cases
    union all
    select 'case study', id, name_local, true from cases
    union all
    select 'case study', id, unnest(aliases), true from cases
),

sized as (
    select 'region' as place_kind, nuts_id as place_id, population_end as place_size from regions
    union all
    select 'town', geonameid::varchar, population from towns
    union all
    select 'case study', id, null from cases
),

forms as (
    select
        place_kind,
        place_id,
        min(name) as name,
        search_form(name) as search_form,
        bool_or(is_main) as is_main
    from named
    where name is not null and search_form(name) != ''
    group by place_kind, place_id, search_form(name)
),

final as (
    select
        forms.place_kind,
        forms.place_id,
        forms.name,
        forms.search_form,
        forms.is_main,
        sized.place_size::bigint as place_size
    from forms
    inner join sized using (place_kind, place_id)
)

select * from final
order by place_kind, place_id, search_form

-- Each measure of seeds/series_measures.csv is of a declared source and, where its file is there, of a series in it.
with measures as (
    -- A row may name several series, with blanks between them.
    select * replace (unnest(string_split(coalesce(series_key, ''), ' ')) as series_key)
    from seeds.series_measures
),

keys as (select distinct part as source, series_key from raw.eurostat_series),

final as (
    select
        measures.measure,
        'series_key' as field,
        measures.source || ' ' || measures.series_key as found,
        string_agg(keys.series_key, ' ' order by keys.series_key) as allowed
    from measures
    inner join keys using (source)
    where measures.series_key != ''
    group by all
    having count(*) filter (where keys.series_key = measures.series_key) = 0
    union all
    select measure, 'source', source, 'the name of a declaration that inherits _eurostat'
    from measures
    where source is null or source not in (select name from seeds.registry)
)

select * from final

-- Eurostat's yearly figures by region, one below the other, in Eurostat's own codes. Which
-- series of which table is a measure is said by the seed alone; of several the sum is it, known
-- where all are.
with measures as (
    select
        measure,
        source,
        unnest(string_split(series_key, ' ')) as series_key,
        len(string_split(series_key, ' ')) as parts
    from seeds.series_measures
),

series as (
    select
        measures.measure,
        measures.parts,
        series.geo,
        series.time_period,
        series.obs_value,
        series.obs_flag,
        series.obs_state
    from raw.eurostat_series as series
    inner join measures
        on measures.source = series.part and measures.series_key = series.series_key
),

final as (
    select measure, geo, time_period, obs_value, obs_flag, obs_state
    from series
    where parts = 1
    union all
    select
        measure,
        geo,
        time_period,
        case when count(obs_value) = max(parts) then sum(obs_value) end as obs_value,
        string_agg(distinct obs_flag, '' order by obs_flag) as obs_flag,
        case when count(obs_value) = max(parts) then 'value' else 'missing' end as obs_state
    from series
    where parts > 1
    group by measure, geo, time_period
)

select * from final

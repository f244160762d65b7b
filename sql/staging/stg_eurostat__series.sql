-- Eurostat's yearly figures by region, one below the other, in Eurostat's own codes. Which
-- series of which table is a measure is said by the seed alone.
select
    measures.measure,
    series.geo,
    series.time_period,
    series.obs_value,
    series.obs_flag,
    series.obs_state
from raw.eurostat_series as series
inner join seeds.series_measures as measures
    on measures.source = series.part and measures.series_key = series.series_key

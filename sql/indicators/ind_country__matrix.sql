-- The countries that stored matrices cover: those of which nearly every settlement is an origin.
-- Where only some are, as along the border of an extract's country, ways that leave the extract
-- would be missing.
with nodes as (select * from indicators.ind_settlement__node),

origins as (select distinct origin_id from staging.stg_openstreetmap__minutes where mode = 'car'),

final as (
    select
        nodes.country,
        count(*) as settlements,
        count(origins.origin_id) as settlements_measured,
        count(origins.origin_id) >= threshold('roads_country_share') * count(*) as is_measured
    from nodes
    left join origins on origins.origin_id = nodes.geonameid
    group by nodes.country
)

select * from final

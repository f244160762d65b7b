-- Where people set out from: cells of the census grid in the countries that are counted by them,
-- settlements elsewhere. A cell's minutes are those of its settlement plus the way to it.
with nodes as (
    select * from indicators.ind_settlement__node where population > 0 and nuts_id is not null
),

cells as (select * from indicators.ind_cell__place where nuts_id is not null),

countries as (select country, people_basis from indicators.ind_country__people_basis),

final as (
    select
        countries.people_basis,
        nodes.geonameid::integer as origin_no,
        nodes.nuts_id,
        nodes.geonameid::integer as geonameid,
        0::double as access_min,
        nodes.population
    from nodes
    inner join countries on countries.country = left(nodes.nuts_id, 2)
    where countries.people_basis = 'settlements'
    union all
    select
        countries.people_basis,
        cells.cell_no as origin_no,
        cells.nuts_id,
        cells.geonameid,
        cells.access_min,
        cells.population
    from cells
    inner join countries on countries.country = left(cells.nuts_id, 2)
    where countries.people_basis = 'census grid'
)

select * from final

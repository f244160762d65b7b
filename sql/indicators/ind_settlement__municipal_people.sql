-- People of the listed settlements that share a municipality's code. Hamlets below 500 people are
-- not listed, so that as a rule it is less than the municipality's people.
with municipalities as (
    select * from indicators.ind_settlement__municipality where municipality_code is not null
),

people as (select * from indicators.ind_settlement__people where part_of is null),

sums as (
    select
        municipalities.municipality_code,
        count(*)::integer as municipal_settlements,
        sum(people.population)::bigint as municipal_settled_people
    from municipalities
    inner join people on people.geonameid = municipalities.geonameid
    group by municipalities.municipality_code
),

final as (
    select
        municipalities.geonameid,
        municipalities.municipality_code,
        sums.municipal_settlements,
        sums.municipal_settled_people
    from municipalities
    inner join sums on sums.municipality_code = municipalities.municipality_code
)

select * from final

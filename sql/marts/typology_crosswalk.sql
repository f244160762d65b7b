-- How our re-computed types of NUTS-3 regions lie over the official ones.
with regions as (select * from marts.regions where level = 3),

official_metropolitan as (select * from indicators.ind_region__metropolitan),

fields as (select * from indicators.ind_region__remoteness where level = 3),

ours as (
    select nuts_id, 'access_to_city' as our_typology, access_to_city as our_class
    from regions
    union all
    select nuts_id, 'access_to_city: ' || access_basis, access_to_city
    from regions
    union all
    select
        nuts_id,
        'field of a large city',
        case
            when large_city_field_share > threshold('remoteness_oecd_share') then 'in the field'
            else 'outside'
        end
    from fields
    union all
    select nuts_id, 'remoteness', remoteness
    from regions
),

official as (
    select nuts_id, unnest(types).typology as official_typology, unnest(types).class as official_class
    from (
        select
            regions.nuts_id,
            [
                {'typology': 'urban_rural', 'class': regions.urban_rural},
                {'typology': 'metropolitan', 'class': official_metropolitan.metropolitan},
                {'typology': 'coastal', 'class': regions.coastal},
                {'typology': 'mountain', 'class': regions.mountain},
                {'typology': 'border', 'class': regions.border},
                {'typology': 'island', 'class': regions.island}
            ] as types
        from regions
        left join official_metropolitan using (nuts_id)
    )
),

counted as (
    select
        ours.our_typology,
        official.official_typology,
        ours.our_class,
        official.official_class,
        count(*)::integer as region_count,
        sum(regions.population_end)::bigint as people
    from ours
    inner join official using (nuts_id)
    inner join regions using (nuts_id)
    where ours.our_class is not null and official.official_class is not null
    group by all
),

final as (
    select
        our_typology,
        official_typology,
        our_class,
        official_class,
        region_count,
        people,
        region_count / sum(region_count) over (
            partition by our_typology, official_typology, our_class
        ) as share_of_our_class,
        region_count / sum(region_count) over (
            partition by our_typology, official_typology, official_class
        ) as share_of_official_class
    from counted
)

select * from final
order by our_typology, official_typology, our_class, official_class

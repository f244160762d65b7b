-- Each service of seeds/services.csv names a threshold as its reference line, and either a threshold of population or a register with columns of its staging table.
with services as (select * from seeds.services),

thresholds as (select name from seeds.thresholds),

columns as (
    select part, column_name from seeds.union_parts where union_name = 'stg_register__sites'
),

stated as (
    select
        service,
        source,
        unnest(['filter_column', 'stated_column', 'capacity_column']) as field,
        unnest([filter_column, stated_column, capacity_column]) as found
    from services
    where source is not null
),

final as (
    select
        service,
        'reference' as field,
        reference as found,
        'a name of seeds/thresholds.csv' as allowed
    from services
    where reference is null or reference not in (select name from thresholds)
    union all
    select service, 'least_population', least_population, 'a name of seeds/thresholds.csv'
    from services
    where least_population not in (select name from thresholds)
    union all
    select service, 'source', source, (select string_agg(distinct part, ' ' order by part) from columns)
    from services
    where source not in (select part from columns)
    union all
    select service, 'source', source, 'either this or least_population'
    from services
    where (source is null) = (least_population is null)
    union all
    select service, 'kind', kind, case when source is null then 'stand-in' else 'register' end
    from services
    where kind is distinct from case when source is null then 'stand-in' else 'register' end
    union all
    select
        stated.service,
        stated.field,
        stated.found,
        (
            select string_agg(columns.column_name, ' ' order by columns.column_name)
            from columns
            where columns.part = stated.source
        )
    from stated
    where
        stated.source in (select part from columns)
        and stated.found is not null
        and not exists (
            select 1 from columns
            where columns.part = stated.source and columns.column_name = stated.found
        )
)

select * from final

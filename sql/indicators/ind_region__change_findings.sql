-- What is implausible about a year's change: events against their course, net migration (a rest)
-- against its median, a whole country's against its own, borders that moved under equal codes.
with limits as (
    select
        threshold('webb_window_years') - 1 as span,
        threshold('window_min_years_share') * threshold('webb_window_years') as least_years,
        threshold('plausibility_migration_per_1000') as migration,
        threshold('plausibility_revision_share') as revision_share,
        threshold('plausibility_revision_per_1000') as revision,
        threshold('plausibility_revision_regions') as least_regions,
        threshold('plausibility_moved_share') as moved_share,
        threshold('plausibility_moved_seen_share') as moved_seen,
        threshold('plausibility_rate_ratio') as rate_ratio,
        threshold('plausibility_rate_range_ratio') as range_ratio,
        threshold('plausibility_rate_min') as rate_min,
        threshold('plausibility_rate_max') as rate_max
),

balance as (
    select
        *,
        left(nuts_id, 2) as country,
        population_next - total_change / 2 as mean_people
    from indicators.ind_region__balance
),

-- A year against the median of those around it: at the end of a series, of its newest window.
residuals as (
    select
        balance.nuts_version, balance.nuts_id, balance.country, balance.year,
        balance.net_migration_per_1000 as value,
        median(balance.net_migration_per_1000) over around as expected,
        count(*) over around as years,
        value - expected as deviation
    from balance
    cross join limits
    where balance.net_migration_per_1000 is not null and not balance.is_break
    window around as (
        partition by balance.nuts_version, balance.nuts_id order by balance.year
        range between limits.span preceding and limits.span following
    )
),

known as (
    select residuals.* from residuals cross join limits where residuals.years >= limits.least_years
),

revisions as (
    select known.nuts_version, known.country, known.year
    from known
    cross join limits
    where length(known.nuts_id) = 5
    group by known.nuts_version, known.country, known.year, limits.revision_share,
        limits.revision, limits.migration, limits.least_regions
    having count(*) >= limits.least_regions
        and median(abs(known.deviation)) > limits.revision
        and count(*) filter (where abs(known.deviation) > limits.migration)
        >= limits.revision_share * count(*)
),

-- The larger share of people that an equal code lost or took, of a pair of vintages.
moves as (
    select
        from_version,
        to_version,
        from_code as nuts_id,
        greatest(
            1 - population_2021 / nullif(sum(population_2021) over (
                partition by from_version, to_version, from_code), 0),
            1 - population_2021 / nullif(sum(population_2021) over (
                partition by from_version, to_version, to_code), 0)
        ) as moved_share,
        from_code = to_code as is_equal
    from staging.stg_jrc__crosswalk
),

-- The year is that which departs most; without a trace in the figures they did not change over.
moved as (
    select known.*
    from known
    cross join limits
    inner join moves
        on moves.nuts_id = known.nuts_id
        and known.year >= moves.from_version
        and known.year < moves.to_version
    where moves.is_equal and moves.moved_share > limits.moved_share
    qualify row_number() over (
        partition by known.nuts_version, known.nuts_id, moves.from_version, moves.to_version
        order by abs(known.deviation) desc, known.year
    ) = 1 and abs(known.deviation) >= 1000 * limits.moved_seen * moves.moved_share
),

rates as (
    select
        nuts_version, nuts_id, country, year,
        unnest(['births', 'deaths']) as measure,
        unnest([births, deaths]) * 1000 / mean_people as value
    from balance
    where mean_people > 0
),

courses as (
    select
        rates.*,
        rates.value / nullif(median(rates.value) over around, 0) as relation,
        count(rates.value) over around as years
    from rates
    cross join limits
    window around as (
        partition by rates.nuts_version, rates.nuts_id, rates.measure order by rates.year
        range between limits.span preceding and limits.span following
    )
),

-- What moves a whole country, a pandemic or a bad winter, is its course.
of_country as (
    select nuts_version, country, year, measure, median(relation) as relation
    from courses
    where length(nuts_id) = 5 and relation > 0
    group by nuts_version, country, year, measure
),

departures as (
    select
        courses.* exclude (relation),
        courses.value / nullif(courses.relation, 0) * of_country.relation as expected,
        greatest(
            courses.relation / of_country.relation, of_country.relation / courses.relation
        ) as ratio
    from courses
    inner join of_country using (nuts_version, country, year, measure)
    cross join limits
    where courses.relation > 0 and courses.years >= limits.least_years
),

final as (
    select nuts_version, nuts_id, 'net_migration' as measure, year,
        'migration_residual' as rule, value, expected
    from known
    cross join limits
    where abs(deviation) > limits.migration
    union all
    select known.nuts_version, known.nuts_id, 'net_migration', known.year,
        'census_revision', known.value, known.expected
    from known
    inner join revisions using (nuts_version, country, year)
    union all
    select distinct nuts_version, nuts_id, 'net_migration', year, 'moved_border', value, expected
    from moved
    union all
    select nuts_version, nuts_id, measure, year,
        case when ratio > limits.rate_ratio then 'rate_course' else 'rate_range' end,
        value, expected
    from departures
    cross join limits
    where ratio > limits.rate_ratio
        or (ratio > limits.range_ratio and (value < limits.rate_min or value > limits.rate_max))
)

select * from final

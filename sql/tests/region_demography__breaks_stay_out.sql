-- No window counts a year that is unknown or crosses a break.
with counted as (
    select
        causes.nuts_version,
        causes.nuts_id,
        causes.year,
        causes.years_used,
        sum(series.period_years) filter (
            where series.net_migration is not null and not series.is_break
        ) as usable
    from typologies.typ_region__cause as causes
    inner join indicators.ind_region__basis as basis using (nuts_version, nuts_id)
    inner join marts.region_series as series
        on series.nuts_version = causes.nuts_version
        and series.nuts_id = causes.nuts_id
        and (series.period_years = 1) = (basis.demography_basis = 'Eurostat yearly')
        and series.year > causes.year - causes.window_years
        and series.year + series.period_years - 1 <= causes.year
    group by all
)

select * from counted where usable < years_used

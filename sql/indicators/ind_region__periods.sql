-- The embedded figures in steps of five years on every level: a larger region is the sum of its
-- NUTS-3 regions where all are known. Net migration is what natural change leaves over.
with leaves as (select * from staging.stg_eurostat__five_year),

states as (select * from staging.stg_eurostat__five_year_state),

regions as (select nuts_id, level from staging.stg_gisco__nuts_2021),

areas as (select * from indicators.ind_region__area),

sums as (
    select
        regions.nuts_id,
        leaves.year,
        case when count(leaves.population) = count(*) then sum(leaves.population) end as population,
        case when count(leaves.births) = count(*) then sum(leaves.births) end as births,
        case when count(leaves.deaths) = count(*) then sum(leaves.deaths) end as deaths,
        bool_or(leaves.is_break) as is_break,
        bool_or(leaves.is_converted) as is_converted
    from regions
    inner join leaves on starts_with(leaves.nuts_id, regions.nuts_id)
    group by regions.nuts_id, leaves.year
),

-- Shares and ratios of a larger region are means by people; a median has no such mean.
people as (
    select
        nuts_id,
        max(population) filter (where year = 2016) as population_2016,
        max(population) filter (where year = 2021) as population_2021
    from leaves
    group by nuts_id
),

weighted as (
    select
        regions.nuts_id,
        case when min(states.age_year) = max(states.age_year) then min(states.age_year) end
            as age_year,
        case
            when count(*) = 1 then max(states.age_65_pct)
            when count(states.age_65_pct * people.population_2021) = count(*)
                and min(states.age_year) = 2021 and max(states.age_year) = 2021
                then sum(states.age_65_pct::decimal(30, 10) * people.population_2021)
                    / sum(people.population_2021)
        end as age_65_pct,
        case when count(*) = 1 then max(states.median_age) end as median_age,
        case
            when count(*) = 1 then max(states.gdp_pct_of_eu)
            when count(
                states.gdp_pct_of_eu * (people.population_2016 + people.population_2021)
            ) = count(*)
                then sum(
                    states.gdp_pct_of_eu::decimal(30, 10)
                    * (people.population_2016 + people.population_2021)
                ) / sum(people.population_2016 + people.population_2021)
        end as gdp_pct_of_eu
    from regions
    inner join states on starts_with(states.nuts_id, regions.nuts_id)
    inner join people on people.nuts_id = states.nuts_id
    group by regions.nuts_id
),

-- Ages that are not of one of the five dates have a line of their own.
dates as (
    select nuts_id, year from sums
    union
    select nuts_id, age_year from weighted where age_year is not null
),

changes as (
    select
        dates.nuts_id,
        dates.year,
        here.population,
        later.population as population_next,
        here.births,
        here.deaths,
        here.births - here.deaths as natural_change,
        later.population - here.population as total_change,
        total_change - natural_change as net_migration,
        5 * (here.population + later.population) / 2 as person_years,
        here.nuts_id is not null as has_figures,
        coalesce(here.is_break, false) as is_break,
        coalesce(here.is_converted, false) as is_converted
    from dates
    left join sums as here on here.nuts_id = dates.nuts_id and here.year = dates.year
    left join sums as later on later.nuts_id = dates.nuts_id and later.year = dates.year + 5
),

final as (
    select
        2021 as nuts_version,
        changes.nuts_id,
        changes.year::integer as year,
        -- Ages alone are of a date, and of no period.
        if(changes.has_figures, 5, 0) as period_years,
        changes.population::double as population,
        changes.population_next::double as population_next,
        changes.births::double as births,
        changes.deaths::double as deaths,
        changes.natural_change::double as natural_change,
        changes.total_change::double as total_change,
        changes.net_migration::double as net_migration,
        -- Rates a year: the sum over the years by the mean of the people at both ends.
        1000 * changes.births / changes.person_years as births_per_1000,
        1000 * changes.deaths / changes.person_years as deaths_per_1000,
        1000 * changes.natural_change / changes.person_years as natural_change_per_1000,
        1000 * changes.net_migration / changes.person_years as net_migration_per_1000,
        1000 * changes.total_change / changes.person_years as total_change_per_1000,
        changes.is_break,
        changes.is_converted,
        ages.age_65_pct::double as age_65_pct,
        ages.median_age,
        changes.population / areas.area_km2 as density_per_km2,
        wealth.gdp_pct_of_eu::double as gdp_pct_of_eu
    from changes
    left join weighted as ages
        on ages.nuts_id = changes.nuts_id and ages.age_year = changes.year
    -- The mean of 2017 to 2019 lies within the period from 2016.
    left join weighted as wealth on wealth.nuts_id = changes.nuts_id and changes.year = 2016
    left join areas on areas.nuts_id = changes.nuts_id
)

select * from final

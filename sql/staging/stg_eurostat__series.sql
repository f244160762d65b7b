-- Eurostat's yearly figures by region, one below the other, in Eurostat's own codes.
with population as (
    select 'population' as measure, geo, time_period, obs_value, obs_flag, obs_state
    from raw.eurostat_demo_r_pjanaggr3
    where sex = 'T' and age = 'TOTAL'
),

population_by_age as (
    select 'population_by_age' as measure, geo, time_period, obs_value, obs_flag, obs_state
    from raw.eurostat_demo_r_pjangrp3
    where sex = 'T' and age = 'TOTAL'
),

births as (
    select 'births' as measure, geo, time_period, obs_value, obs_flag, obs_state
    from raw.eurostat_demo_r_births
),

deaths as (
    select 'deaths' as measure, geo, time_period, obs_value, obs_flag, obs_state
    from raw.eurostat_demo_r_deaths
),

area as (
    select
        case landuse when 'TOTAL' then 'area_km2' when 'L0008' then 'land_area_km2' end as measure,
        geo, time_period, obs_value, obs_flag, obs_state
    from raw.eurostat_reg_area3
),

density as (
    select 'density_per_km2' as measure, geo, time_period, obs_value, obs_flag, obs_state
    from raw.eurostat_demo_r_d3dens
),

structure as (
    select
        case indic_de
            when 'MEDAGEPOP' then 'median_age'
            when 'PC_Y0_14' then 'age_0_14_pct'
            when 'PC_Y65_MAX' then 'age_65_pct'
            when 'PC_Y80_MAX' then 'age_80_pct'
            when 'OLDDEP1' then 'old_age_ratio_pct'
            when 'YOUNGDEP1' then 'young_age_ratio_pct'
            when 'DEPRATIO1' then 'dependency_ratio_pct'
        end as measure,
        geo, time_period, obs_value, obs_flag, obs_state
    from raw.eurostat_demo_r_pjanind3
),

gdp as (
    select
        case unit
            when 'MIO_PPS_EU27_2020' then 'gdp_mio_pps'
            when 'PPS_EU27_2020_HAB' then 'gdp_pps_per_head'
            when 'PPS_HAB_EU27_2020' then 'gdp_eu_index_pct'
        end as measure,
        geo, time_period, obs_value, obs_flag, obs_state
    from raw.eurostat_nama_10r_3gdp
),

final as (
    select * from population
    union all select * from population_by_age
    union all select * from births
    union all select * from deaths
    union all select * from area where measure is not null
    union all select * from density
    union all select * from structure where measure is not null
    union all select * from gdp where measure is not null
)

select * from final

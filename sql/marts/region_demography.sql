select * from marts.demography()
order by nuts_version, level, nuts_id

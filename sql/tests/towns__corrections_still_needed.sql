-- A correction holds only as long as the source still has the error it corrects.
select corrections.geonameid, corrections.expected_population, settlements.population as found
from seeds.settlement_corrections as corrections
left join staging.stg_geonames__settlements as settlements using (geonameid)
where settlements.population is distinct from corrections.expected_population

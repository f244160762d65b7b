select geonameid, minutes_to_pole, snai_class(minutes_to_pole) as snai_class
from indicators.ind_settlement__travel_minutes

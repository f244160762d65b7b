select name, value, unit, label, source, evidence
from seeds.thresholds
order by name

select field, finding, action, rows, example
from raw.gisco_healthcare_findings

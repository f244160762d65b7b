select field, finding, action, rows, example
from raw.gisco_education_findings

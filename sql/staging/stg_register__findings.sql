select part as service, field, finding, action, rows, example
from raw.register_findings

select
    change.nuts_id,
    trend_class(change.annual_change_pct) as trend
from indicators.ind_region__change as change

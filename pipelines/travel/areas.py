"""Minutes to the centres of functional urban areas.

An area is much larger than the city in its centre: Göttingen has 118 000 people, its
area 461 000. So settlements of 250 000 people miss most of the centres of areas of that
size. They stay targets, for the areas of countries whose municipalities are not known.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.core.thresholds import Thresholds
from pipelines.travel.models import LINKS, NODES, THRESHOLDS, Tables
from pipelines.travel.network import network_from_table
from pipelines.travel.paths import nearest

CENTRES = "indicators.ind_fua__centre"


def minutes(tables: Tables) -> pa.Table:
    """Minutes from every settlement to the nearest centre, of any and of large areas.

    Takes nodes, links, centres (``geonameid, population`` of the area) and thresholds.

    Returns
    -------
    pyarrow.Table
        ``geonameid, minutes_to_fua, minutes_to_large_fua``; NULL where none is reached.
    """
    rows = Thresholds.of_table(tables[THRESHOLDS])
    network = network_from_table(tables[NODES], tables[LINKS])
    nodes = network.settlements
    people = np.nan_to_num(nodes.population, nan=-1.0)
    centres, size = tables[CENTRES], tables[CENTRES]["population"]
    small, large = (
        rows["remoteness_oecd_small_population"],
        rows["remoteness_large_city_population"],
    )
    # Bounds of the OECD: areas "of" 50 000, areas of "more than" 250 000.
    targets = {
        "minutes_to_fua": (rows["remoteness_city_population"], pc.greater_equal(size, small)),
        "minutes_to_large_fua": (large, pc.greater(size, large)),
    }
    columns = {"geonameid": pa.array(nodes.geonameid)}
    for name, (least, is_meant) in targets.items():
        ids = centres.filter(is_meant)["geonameid"].to_numpy()
        times, _ = nearest(
            network.graph,
            np.flatnonzero((people >= least) | np.isin(nodes.geonameid, ids)),
        )
        columns[name] = pa.array(times, mask=~np.isfinite(times))
    return pa.table(columns)

"""Reach of a user's facilities from a user's own points: cells, addresses, villages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.reach.access import ReachConstants
from pipelines.reach.engine import reach
from pipelines.reach.facilities import FacilityLimits, read_facilities
from pipelines.reach.files import excluded_words, near_settlements
from pipelines.reach.origins import from_origins, snap_origins
from pipelines.serve.reach import network_of
from pipelines.serve.store import Store
from pipelines.serve.thresholds import thresholds
from pipelines.travel.constants import TravelConstants
from pipelines.travel.network import network_from_table


def reach_of_origins(
    store: Store,
    facilities: Path,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    domestic: bool = False,
) -> tuple[pa.Table, list[str]]:
    """Measure reach from origins that stand on their nearest settlement.

    Parameters
    ----------
    store : Store
    facilities : Path
        See :func:`pipelines.reach.facilities.read_facilities`.
    lon, lat : ndarray of float64, shape (o,)
        Origins, EPSG:4326.
    domestic : bool
        Count only facilities in the country of the origin's settlement.

    Returns
    -------
    table : Table, o rows
        ``geonameid`` of the settlement and ``access_min`` to it, ``nearest_id``, and the
        columns of :func:`pipelines.reach.origins.from_origins`. All NULL where no
        settlement is near; ``within_*`` are 0 there.
    remarks : list of str
        Repairs of the file, facilities set aside, origins that are near no settlement.

    Raises
    ------
    InputError
        The facilities cannot be read.
    """
    nodes, links = network_of(store)
    rows = thresholds(store)
    travel, limits = TravelConstants.from_thresholds(rows), ReachConstants.from_thresholds(rows)
    near = near_settlements(nodes, travel.access_max_km)
    read = read_facilities(facilities, FacilityLimits.from_thresholds(rows), near)
    network = network_from_table(nodes, links)
    result = reach(network, read.sites, travel, limits, domestic=domestic)
    origins = snap_origins(network, lon, lat, travel)
    steps = store.arrow(
        "select * from indicators.ind_settlement__travel_minutes order by geonameid"
    )
    table = from_origins(network, origins, steps, result, limits)
    is_far = origins.node < 0
    place = pa.array(np.maximum(origins.node, 0), mask=is_far)
    columns = {
        "geonameid": pc.take(pa.array(network.settlements.geonameid), place),
        "access_min": pa.array(origins.minutes, mask=is_far),
        "nearest_id": pc.take(result.table["nearest_id"].combine_chunks(), place),
    }
    remarks = [*read.repairs, *excluded_words(result.excluded.tolist(), "near no settlement")]
    if is_far.any():
        one = int(is_far.sum()) == 1
        remarks.append(
            f"{is_far.sum():,} {'origin is' if one else 'origins are'} near no settlement; "
            "nothing is known there."
        )
    return pa.table(columns | dict(zip(table.column_names, table.columns, strict=True))), remarks

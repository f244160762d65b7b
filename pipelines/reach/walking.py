"""Minutes on foot and by bicycle from the middle of a settlement to the nearest site."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.core.thresholds import Thresholds
from pipelines.reach.models import MINUTES, SITES, Tables, by_service
from pipelines.travel.models import NODES, THRESHOLDS
from pipelines.travel.walking import Floats, WalkConstants, nearest_km

#: Mode of a stored matrix to the column that it fills.
MODES = {"foot": "minutes_walk", "bicycle": "minutes_cycle"}
ENGINE, STRAIGHT = "routing engine", "straight line"


def walking(tables: Tables) -> pa.Table:
    """Return minutes on foot and by bicycle to the nearest site of each service.

    Takes sites, nodes, thresholds and the minutes of stored matrices. One row a settlement
    and service of which a site is within ``walk_most_min`` by either:
    ``geonameid, service, minutes_walk, minutes_cycle, walk_basis``. By a stored matrix of the
    mode where it has a way from the settlement to a site of the service, else by the straight
    distance. ``walk_basis`` tells of the minutes on foot; NULL where there are none.
    """
    c = WalkConstants.from_thresholds(Thresholds.of_table(tables[THRESHOLDS]))
    nodes = tables[NODES]
    ids = nodes["geonameid"].to_numpy(zero_copy_only=False).astype(np.int64)
    lon, lat = (nodes[name].to_numpy(zero_copy_only=False) for name in ("lon", "lat"))
    parts = []
    for service, sites in by_service(tables[SITES]):
        km = nearest_km(lon, lat, sites.lon, sites.lat)
        measured = {mode: least_minutes(tables[MINUTES], mode, ids, sites.ids) for mode in MODES}
        by_mode = {"foot": c.on_foot(km), "bicycle": c.by_bicycle(km)}
        for mode, minutes in measured.items():
            known = np.isfinite(minutes)
            by_mode[mode][known] = np.where(minutes <= c.most_min, minutes, np.inf)[known]
        parts.append(_rows(ids, service, by_mode, np.isfinite(measured["foot"])))
    return pa.concat_tables(parts)


def least_minutes(
    minutes: pa.Table, mode: str, ids: NDArray[np.int64], sites: NDArray[np.object_]
) -> Floats:
    """Return the least minutes of a mode from each settlement to any of the sites.

    Infinite where the stored matrices hold no way.
    """
    least = np.full(len(ids), np.inf)
    rows = minutes.filter(pc.equal(minutes["mode"], mode))
    rows = rows.filter(pc.is_in(rows["destination_id"], pa.array(sites.tolist(), pa.string())))
    index = pc.index_in(rows["origin_id"].cast(pa.int64()), value_set=pa.array(ids))
    origin = pc.fill_null(index, -1).to_numpy().astype(np.int64)
    known = origin >= 0
    np.minimum.at(least, origin[known], rows["minutes"].to_numpy().astype(float)[known])
    return least


def _rows(
    ids: NDArray[np.int64],
    service: str,
    by_mode: dict[str, Floats],
    is_engine: NDArray[np.bool_],
) -> pa.Table:
    """Return the rows of one service that have minutes."""
    is_there = np.isfinite(by_mode["foot"]) | np.isfinite(by_mode["bicycle"])
    columns = {
        column: pa.array(by_mode[mode][is_there], mask=~np.isfinite(by_mode[mode][is_there]))
        for mode, column in MODES.items()
    }
    words = np.where(is_engine, ENGINE, STRAIGHT)[is_there].astype(object)
    return pa.table(
        {
            "geonameid": ids[is_there].astype(np.int32),
            "service": pa.array([service] * int(is_there.sum()), pa.string()),
            **columns,
            "walk_basis": pa.array(
                words, pa.string(), mask=~np.isfinite(by_mode["foot"][is_there])
            ),
        }
    )

"""Minutes on foot and by bicycle: straight distances by arithmetic, and ways that were measured."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest

from pipelines.reach.walking import walking
from pipelines.travel.walking import WalkConstants, nearest_km

THRESHOLDS = {"speed_kmh": 5.0, "cycle_speed_kmh": 15.0, "detour": 1.2, "most_min": 30.0}
#: One degree of latitude on a sphere of 6 371.0 km, in km: 2 pi x 6371 / 360.
DEGREE = 2 * math.pi * 6371.0 / 360
MATRIX = pa.schema(
    [
        ("origin_id", pa.int64()),
        ("destination_id", pa.string()),
        ("mode", pa.string()),
        ("minutes", pa.float64()),
    ]
)


def rows_of(*matrix: tuple[int, str, str, float]) -> dict[tuple[int, str], dict[str, object]]:
    """Return the rows by settlement and service; 1, 2 and 3 lie 1, 4 and 9 km from the school."""
    lat = [50 + km / DEGREE for km in (1, 4, 9)]
    found = walking(
        {
            "indicators.ind_settlement__node": pa.table(
                {"geonameid": pa.array([1, 2, 3], pa.int32()), "lon": [8.0] * 3, "lat": lat}
            ),
            "indicators.ind_service__site": pa.table(
                {
                    "service": ["school", "clinic"],
                    "site_id": ["S", "C"],
                    "lon": [8.0, 30.0],
                    "lat": [50.0, 60.0],
                    "capacity": pa.array([None, None], pa.float64()),
                }
            ),
            "seeds.thresholds": pa.table(
                {
                    "name": [f"walk_{name}" for name in THRESHOLDS],
                    "value": list(THRESHOLDS.values()),
                }
            ),
            "staging.stg_openstreetmap__minutes": pa.Table.from_pylist(
                [dict(zip(MATRIX.names, row, strict=True)) for row in matrix], schema=MATRIX
            ),
        }
    )
    return {(row["geonameid"], row["service"]): row for row in found.to_pylist()}


def test_straight_distances_become_minutes() -> None:
    """1 km: 1.2 km at 5 km/h are 14.4 minutes, at 15 km/h 4.8. 4 km: 57.6 and 19.2. 9 km: 43.2."""
    found = rows_of()
    assert set(found) == {(1, "school"), (2, "school")}
    near, far = found[1, "school"], found[2, "school"]
    assert near["minutes_walk"] == pytest.approx(14.4, abs=0.01)
    assert near["minutes_cycle"] == pytest.approx(4.8, abs=0.01)
    assert near["walk_basis"] == "straight line"
    assert (far["minutes_walk"], far["walk_basis"]) == (None, None)
    assert far["minutes_cycle"] == pytest.approx(19.2, abs=0.01)


def test_a_measured_way_stands_for_the_straight_one() -> None:
    """By car nothing changes on foot; a way of 40 minutes is none within half an hour."""
    found = rows_of(
        (1, "S", "foot", 21.0), (1, "S", "car", 2.0), (2, "S", "bicycle", 25.0), (9, "S", "foot", 1)
    )
    assert found[1, "school"]["minutes_walk"] == 21
    assert found[1, "school"]["walk_basis"] == "routing engine"
    assert found[1, "school"]["minutes_cycle"] == pytest.approx(4.8, abs=0.01)
    assert found[2, "school"]["minutes_cycle"] == 25
    long = rows_of((1, "S", "foot", 40.0))[1, "school"]
    assert (long["minutes_walk"], long["walk_basis"]) == (None, None)


def test_of_several_sites_the_nearest_counts() -> None:
    lon, lat = np.array([8.0]), np.array([50.0])
    goals = np.array([50 + 3 / DEGREE, 50 - 2 / DEGREE])
    assert nearest_km(lon, lat, np.full(2, 8.0), goals)[0] == pytest.approx(2, abs=1e-3)
    assert nearest_km(lon, lat, np.array([]), np.array([]))[0] == np.inf


def test_nothing_is_said_beyond_the_most() -> None:
    c = WalkConstants(**THRESHOLDS)
    # 2.5 km x 1.2 / 5 km/h are 36 minutes; 2.05 km are 29.52.
    assert c.on_foot([2.5, 2.05]).tolist() == [np.inf, pytest.approx(29.52)]

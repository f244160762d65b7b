"""Counts of towns in reach, on a network small enough to count by hand."""

from __future__ import annotations

from dataclasses import fields

import pyarrow as pa
import pytest

from pipelines.core.thresholds import Thresholds
from pipelines.travel.constants import TravelConstants
from pipelines.travel.neighbours import count_neighbours, neighbours


@pytest.fixture
def tables():
    # A line A - v - B - C - D with a village v; minutes 10, 10, 25, 5; E lies apart.
    node = pa.table(
        {
            "geonameid": pa.array([1, 2, 3, 4, 5, 6], pa.int64()),
            "country": ["X"] * 6,
            "lon": [10.0, 10.1, 10.2, 10.5, 10.6, 13.0],
            "lat": [50.0] * 6,
            "population": pa.array([6000, 900, 12000, 30000, 5000, 8000], pa.int64()),
            "elevation_m": pa.array([100] * 6, pa.int64()),
        }
    )
    links = pa.table(
        {
            "from_id": pa.array([1, 2, 3, 4], pa.int64()),
            "to_id": pa.array([2, 3, 4, 5], pa.int64()),
            "minutes": [10.0, 10.0, 25.0, 5.0],
            "kind": ["road"] * 4,
        }
    )
    # Both ends of a trip take 5.8 minutes, and 3.5 x log10(30 000 / 20 000) = 0.62 more into C.
    limits = dict.fromkeys((f"travel_{f.name}" for f in fields(TravelConstants)), 1.0) | {
        "travel_terminal_min": 5.8,
        "travel_terminal_min_per_tenfold": 3.5,
        "travel_terminal_population": 20_000.0,
        "size_small_town_min": 5000.0,
        "smst_reach_min": 35.8,
        "smst_similar_min": 0.5,
        "smst_similar_max": 2.0,
    }
    return {
        "indicators.ind_settlement__node": node,
        "indicators.ind_settlement__links": links,
        "seeds.thresholds": pa.table({"name": list(limits), "value": list(limits.values())}),
    }


def test_counts_by_hand(tables):
    rows = {r["geonameid"]: r for r in neighbours(tables).to_pylist()}
    assert 2 not in rows  # a village has no role of its own
    # A reaches B in 25.8 minutes through v: twice its size is still similar; C is 51.4 away.
    assert rows[1] == {
        "geonameid": 1,
        "towns_near": 1,
        "similar_towns_near": 1,
        "larger_towns_near": 1,
    }
    # B reaches A (half its size), C in 31.4 (2.5 times) and D in exactly 35.8 (below half).
    assert rows[3] == {
        "geonameid": 3,
        "towns_near": 3,
        "similar_towns_near": 1,
        "larger_towns_near": 1,
    }
    assert rows[4]["towns_near"] == 2
    assert rows[4]["similar_towns_near"] == rows[4]["larger_towns_near"] == 0
    assert rows[6] == {
        "geonameid": 6,
        "towns_near": 0,
        "similar_towns_near": 0,
        "larger_towns_near": 0,
    }


def test_reach_counts_its_end(tables):
    from pipelines.travel.network import network_from_table

    network = network_from_table(
        tables["indicators.ind_settlement__node"], tables["indicators.ind_settlement__links"]
    )
    constants = TravelConstants.from_thresholds(Thresholds.of_table(tables["seeds.thresholds"]))

    def towns_of_b(reach: float) -> int:
        near = count_neighbours(network, 5000, reach, 0.5, 2, constants)
        return int(near["towns"][list(near["position"]).index(2)])

    assert towns_of_b(35.79) == 2
    assert towns_of_b(31.5) == 2
    assert towns_of_b(31.3) == 1  # the way to C is 25 minutes, the trip 31.42

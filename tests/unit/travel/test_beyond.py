"""Centres that a matrix does not hold: on a line whose minutes can be added by hand."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipelines.travel import embedded
from pipelines.travel.beyond import beyond_matrix, same_destinations

NODES = pa.table(
    {
        "geonameid": pa.array([1, 2, 3, 4, 5], pa.int64()),
        "lon": [5.0, 5.1, 5.2, 5.3, 5.4],
        "lat": [50.0] * 5,
        "population": [9000.0, 600, 700, 9000, 9000],
        "elevation_m": [0.0] * 5,
        "country": ["BE", "BE", "BE", "BE", "NL"],
        "road_population": [9000.0, 600, 700, 9000, 9000],
    }
)
LINKS = pa.table(
    {
        "from_id": pa.array([1, 2, 3, 4], pa.int64()),
        "to_id": pa.array([2, 3, 4, 5], pa.int64()),
        "minutes": [10.0, 10, 10, 10],
        "kind": ["road"] * 4,
    }
)


#: Both ends of a trip (travel_terminal_min); no place here is large enough for more.
LIMITS = embedded.thresholds()
THRESHOLDS = pa.table({"name": list(LIMITS), "value": list(LIMITS.values())})


def beyond(pairs: list[tuple[int, str, str]], is_measured: bool = True) -> dict[int, tuple]:
    found = beyond_matrix(
        {
            "indicators.ind_settlement__node": NODES,
            "indicators.ind_settlement__links": LINKS,
            "indicators.ind_settlement__centre": pa.table(
                {"centre_kind": ["town"] * 3, "geonameid": pa.array([1, 4, 5], pa.int32())}
            ),
            "indicators.ind_country__matrix": pa.table(
                {"country": ["BE", "NL"], "is_measured": pa.array([is_measured, False])}
            ),
            "seeds.thresholds": THRESHOLDS,
            "staging.stg_openstreetmap__minutes": pa.table(
                {
                    "origin_id": pa.array([o for o, _, _ in pairs], pa.int64()),
                    "destination_id": pa.array([d for _, d, _ in pairs], pa.string()),
                    "mode": pa.array([m for _, _, m in pairs], pa.string()),
                    "minutes": pa.array([1.0] * len(pairs)),
                }
            ),
        }
    )
    return {
        r["geonameid"]: (r["centre_kind"], round(r["minutes"], 6), r["centre_id"])
        for r in found.to_pylist()
    }


def test_the_nearest_of_those_that_are_not_held() -> None:
    """2 holds the town 1 and so has 4, twenty minutes and 5.8 for both ends on.

    3 holds both towns, and has 5 beyond.
    """
    car = [(2, "1", "car"), (3, "1", "car"), (3, "4", "car"), (5, "4", "car")]
    # 5 lies in a country that is not covered, 1 and 4 are no origins of the matrix.
    assert beyond(car) == {2: ("town", 25.8, 4), 3: ("town", 25.8, 5)}


def test_a_site_that_is_no_settlement_makes_an_origin_known() -> None:
    assert beyond([(2, "AT_17", "car")]) == {2: ("town", 15.8, 1)}


def test_ways_on_foot_hold_no_way_by_car() -> None:
    assert beyond([(2, "1", "foot")]) == {}


def test_without_a_covered_country_there_is_nothing() -> None:
    assert beyond([(2, "1", "car")], is_measured=False) == {}


def test_origins_are_grouped_by_what_they_hold() -> None:
    origin = np.array([7, 7, 3, 3, 5, 9])
    destination = np.array([2, 1, 1, 2, 1, -1])
    groups = {tuple(o.tolist()): d.tolist() for o, d in same_destinations(origin, destination)}
    assert groups == {(3, 7): [1, 2], (5,): [1], (9,): []}

"""Indicators of a user's own places, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pipelines.places.indicators import (
    minutes_by_type,
    per_settlement,
    reach_by_type,
    settlement_of,
)
from pipelines.travel import TravelConstants, embedded
from pipelines.travel.network import network_from_table

# Half of the ends of a trip (travel_terminal_min, 5.8) is 2.9 minutes.
TRAVEL = TravelConstants.from_thresholds(embedded.thresholds())

TOWNS = pd.DataFrame(
    {
        "geonameid": [1, 2, 3],
        "name": ["A", "B", "C"],
        "country": ["X", "X", "Y"],
        "country_name": ["X"] * 3,
        "population": [10_000, 4_000, 50_000],
        "lon": [10.0, 10.5, 20.0],
        "lat": [50.0] * 3,
    }
)


def places(*rows):
    keys = ("kind", "type", "geonameid", "lon", "lat")
    table = {
        k: pa.array([r[i] for r in rows], pa.int64() if k == "geonameid" else None)
        for i, k in enumerate(keys)
    }
    return pa.table(table | {"country": ["Y" if r[3] > 15 else "X" for r in rows]})


def test_a_stated_settlement_wins_and_a_far_place_belongs_to_none():
    table = places(
        ("place", "library", None, 10.01, 50.0),
        ("place", "library", 3, 10.01, 50.0),
        ("place", "library", None, 15.0, 50.0),
        ("place", "library", 99, 10.0, 50.0),
    )
    assert settlement_of(table, TOWNS).tolist() == [0, 2, -1, -1]


def test_per_person_and_variety():
    table = places(
        ("place", "library", 1, 10.0, 50.0),
        ("place", "library", 1, 10.0, 50.0),
        ("place", "cafe_pub", 1, 10.0, 50.0),
        ("event", "festival", 1, 10.0, 50.0),
        ("place", "school", 2, 10.5, 50.0),
    )
    found = per_settlement(table, TOWNS).set_index("name")
    assert found.loc["A", "places"] == 3
    assert found.loc["A", "places_per_10000"] == pytest.approx(3.0)
    assert found.loc["A", "types"] == 2
    entropy = -(2 / 3 * np.log(2 / 3) + 1 / 3 * np.log(1 / 3))
    assert found.loc["A", "variety"] == pytest.approx(np.exp(entropy))
    assert found.loc["B", "places_per_10000"] == pytest.approx(2.5)
    assert "C" not in found.index


def test_no_place_gives_no_row():
    table = places(("event", "festival", 1, 10.0, 50.0))
    assert per_settlement(table, TOWNS).empty


def test_variety_counts_even_types():
    even = [("place", kind, 1, 10.0, 50.0) for kind in ("library", "school", "worship", "office")]
    same = [("place", "library", 2, 10.5, 50.0)] * 5
    found = per_settlement(places(*even, *same), TOWNS).set_index("name")
    assert found["variety"].to_dict() == {"A": pytest.approx(4), "B": pytest.approx(1)}


def three_towns():
    """Return a network in which B is 20 minutes from A, and C has no way to either."""
    node = pa.table(
        {
            "geonameid": pa.array([1, 2, 3], pa.int64()),
            "country": ["X", "X", "Y"],
            "lon": [10.0, 10.5, 20.0],
            "lat": [50.0] * 3,
            "population": pa.array([10_000, 4_000, 50_000], pa.int64()),
        }
    )
    links = pa.table(
        {
            "from_id": pa.array([1], pa.int64()),
            "to_id": pa.array([2], pa.int64()),
            "minutes": [20.0],
            "kind": ["road"],
        }
    )
    return network_from_table(node, links)


def test_people_with_and_without_by_hand():
    network = three_towns()
    table = places(
        ("place", "library", 1, 10.0, 50.0),
        ("place", "school", 2, 10.5, 50.0),
        ("event", "festival", 3, 20.0, 50.0),
    )
    found = reach_by_type(table, TOWNS, network, TRAVEL).set_index("type")
    # Country Y has only an event, so its people are not counted.
    assert set(found.index) == {"library", "school", "any"}
    assert found.loc["library"].tolist() == [1, 14_000, 10_000, 4_000, 14_000, 0]
    assert found.loc["school"].tolist() == [1, 14_000, 4_000, 10_000, 14_000, 0]
    assert found.loc["any", "within_15"] == 14_000


def test_minutes_to_each_type_by_hand():
    table = places(
        ("place", "library", 1, 10.0, 50.0),
        ("place", "school", 2, 10.5, 50.0),
        ("event", "festival", 3, 20.0, 50.0),
    )
    found = minutes_by_type(table, TOWNS, three_towns(), TRAVEL).set_index("name")
    assert list(found.index) == ["A", "B"]  # country Y has no place
    assert found["minutes_library"].tolist() == [0, pytest.approx(22.9)]
    assert found["minutes_school"].tolist() == [pytest.approx(22.9), 0]
    assert found["minutes_any"].tolist() == [0, 0]
    assert "minutes_festival" not in found


def test_minutes_are_unknown_where_no_way_leads():
    table = places(("place", "library", 1, 10.0, 50.0), ("place", "school", 3, 20.0, 50.0))
    found = minutes_by_type(table, TOWNS, three_towns(), TRAVEL).set_index("name")
    assert np.isnan(found.loc["C", "minutes_library"])
    assert np.isnan(found.loc["A", "minutes_school"])
    assert found.loc["C", "minutes_any"] == 0


def test_places_that_state_no_settlement_go_to_the_nearest():
    table = places(("place", "library", None, 10.01, 50.0)).drop_columns("geonameid")
    assert settlement_of(table, TOWNS).tolist() == [0]

"""What both ends of a trip cost, worked out by hand from the seed's rows."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from pipelines.travel import TravelConstants, embedded
from pipelines.travel.ends import site_minutes, trip_minutes

C = dataclasses.replace(
    TravelConstants.from_thresholds(embedded.thresholds()),
    terminal_min=6.0,
    terminal_min_per_tenfold=3.0,
    terminal_population=20_000.0,
    access_speed_kmh=30.0,
    access_detour=1.5,
)


def test_a_trip_is_the_way_and_both_ends():
    # Into 2 million people: a hundredfold of 20 000, so twice 3 minutes on top.
    entered = np.array([500.0, 20_000.0, 200_000.0, 2_000_000.0, np.nan])
    assert trip_minutes(10.0, 700.0, entered, C) == pytest.approx([16, 16, 19, 22, 16])
    # From one side and from the other the way is the same and the end is not.
    assert trip_minutes(10.0, 2_000_000.0, 700.0, C) == pytest.approx(16)


def test_there_is_no_trip_to_where_one_is():
    assert trip_minutes([0.0, 1.0, np.inf], 5000.0, 5000.0, C).tolist() == [0.0, 7.0, np.inf]


def test_pairs_broadcast():
    left, entered = np.array([[1.0], [2.0]]), np.array([[20_000.0, 200_000.0]])
    got = trip_minutes(np.array([[1.0, 2.0], [3.0, 0.0]]), left, entered, C)
    assert got == pytest.approx(np.array([[7.0, 11.0], [9.0, 0.0]]))


def test_a_site_takes_half_the_ends_and_the_way_to_it():
    # 2 km by 1.5 at 30 km/h are 6 minutes.
    assert site_minutes(np.array([0.0, 2.0]), C) == pytest.approx([3.0, 9.0])

"""Settlements counted once: figures that are too large, and parts of larger places."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines.core.thresholds import Thresholds
from pipelines.geo import counted

LIMITS = Thresholds(
    settled_over_share=1.1,
    settled_low_share=0.7,
    municipality_seat_share=0.85,
    section_city_min=20_000,
    section_density_per_km2=1_500,
)


def places(*rows: dict[str, object]) -> pd.DataFrame:
    """Return places at one spot of one region without codes, but for what a row says."""
    usual = {
        "lon": 5.0,
        "lat": 50.0,
        "nuts_id": "BE231",
        "official_people": 1_000_000,
        "municipality_code": None,
        "lau_population": None,
        "greater_city_id": None,
        "greater_city_population": None,
        "stated_population": None,
        "is_agglomeration": False,
    }
    return pd.DataFrame([{**usual, **row} for row in rows])


def told(table: pd.DataFrame) -> tuple[list[int], list[int]]:
    """Return people and index of the whole of each place."""
    people, basis = counted.capped(table)
    count = counted.Count(table, people, basis, LIMITS)
    for rule in counted.RULES:
        rule(count)
    return count.people.tolist(), count.whole.tolist()


def test_no_place_exceeds_its_municipality_or_its_region() -> None:
    # Solaro (IT 3166449) carries the people of a namesake; Suhl is a region of its own.
    table = places(
        {"population": 13_409, "lau_population": 625},
        {"population": 43_509, "official_people": 36_395},
        {"population": 8_961_989, "official_people": 240_016, "is_agglomeration": True},
        {"population": 1_153_615, "stated_population": 623_404},
        {"population": 5_000},
    )
    people, basis = counted.capped(table)
    assert people.tolist() == [625, 36_395, 8_961_989, 623_404, 5_000]
    assert basis.tolist() == ["municipality", "region", "list", "stated", "list"]


def test_the_centre_of_a_greater_city_may_exceed_its_municipality() -> None:
    city = {"greater_city_id": "BE001", "greater_city_population": 1_208_542}
    table = places(
        {**city, "population": 1_019_022, "lau_population": 181_726, "official_people": 1_226_329},
        {**city, "population": 160_553, "lau_population": 119_714, "official_people": 1_226_329},
    )
    assert counted.capped(table)[0].tolist() == [1_019_022, 119_714]


def test_villages_beside_a_seat_with_the_total_are_its_parts() -> None:
    one = {"municipality_code": "BE 41048", "lau_population": 39_000}
    two = {"municipality_code": "BE 41049", "lau_population": 20_000}
    table = places(
        {**one, "population": 38_000},
        {**one, "population": 6_000},
        # This seat has its own people alone: 12 000 and 5 000 are fewer than the municipality's.
        {**two, "population": 12_000},
        {**two, "population": 5_000},
    )
    assert told(table) == ([39_000, 6_000, 12_000, 5_000], [-1, 0, -1, -1])


@pytest.mark.parametrize(("official", "whole"), [(44_000, [-1, -1]), (39_000, [-1, 0])])
def test_without_the_list_the_region_s_sum_tells(official: int, whole: list[int]) -> None:
    one = {"municipality_code": "RO 1", "official_people": official, "lat": 50.0}
    table = places({**one, "population": 38_000}, {**one, "population": 6_000, "lat": 50.5})
    assert told(table)[1] == whole


def test_a_total_is_no_smaller_than_the_sum_of_its_parts() -> None:
    one = {"municipality_code": "RO 1", "official_people": 10_000}
    table = places(
        {**one, "population": 5_000},
        {**one, "population": 4_000, "lat": 50.5},
        {**one, "population": 3_000, "lat": 50.5},
    )
    assert told(table)[1] == [-1, -1, -1]


def test_a_borough_in_the_disc_of_its_city_is_a_part() -> None:
    # 1 702 139 people at 1 500 per km2 fill a disc of 19.0 km; 0.05 degrees are 5.6 km.
    one = {"municipality_code": "PL 1465", "official_people": 10_000_000}
    table = places(
        {**one, "population": 1_702_139},
        {**one, "population": 217_683, "lat": 50.05},
        {**one, "population": 9_000, "lat": 50.5},
    )
    assert told(table)[1] == [-1, 0, -1]


def test_a_borough_without_a_code_is_told_by_its_region_s_sum() -> None:
    # 1 000 000 people fill a disc of 14.6 km; the last place is 55 km away.
    rows = (
        {"population": 1_000_000},
        {"population": 160_000, "lat": 50.05},
        {"population": 20_000, "lat": 50.5},
    )
    over = [{**row, "official_people": 1_050_000} for row in rows]
    assert told(places(*over))[1] == [-1, 0, -1]
    fits = [{**row, "official_people": 1_200_000} for row in rows]
    assert told(places(*fits))[1] == [-1, -1, -1]


def test_a_city_within_its_own_municipality_holds_no_other() -> None:
    table = places(
        {"population": 100_000, "lau_population": 100_500, "official_people": 110_000},
        {"population": 30_000, "lau_population": 31_000, "official_people": 110_000, "lat": 50.01},
    )
    assert told(table)[1] == [-1, -1]


def test_a_city_takes_the_nearest_only_where_all_would_leave_too_few() -> None:
    # All gone would leave 300 of 500 thousand; without the nearest the sum is 96 %.
    rows = [
        {"population": 300_000},
        {"population": 180_000, "lat": 50.03},
        {"population": 120_000, "lat": 50.01},
    ]
    table = places(*({**row, "official_people": 500_000} for row in rows))
    assert told(table)[1] == [-1, -1, 0]


def test_parts_of_parts_are_parts_of_the_whole() -> None:
    assert counted.roots(np.array([-1, 0, 1, -1])).tolist() == [0, 0, 0, 3]

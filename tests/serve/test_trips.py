"""A pair of towns is as far apart on one page as on another: both say the minutes of a trip."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.serve import travel
from pipelines.serve.store import Store

STEPS = ("town", "city", "large_city")


@pytest.mark.parametrize("name", ["Siátista", "Bebra", "Albertville", "Saint-Denis"])
def test_the_nearest_is_as_far_as_the_map_around_it_says(store: Store, name: str) -> None:
    rows = store.rows(
        "select row_number() over (order by geonameid) - 1 as position, * from marts.towns "
        "qualify name = ?",
        [name],
    )
    assert rows
    for row in rows:
        for step in STEPS:
            nearest = row[f"nearest_{step}_id"]
            if nearest is None:
                continue
            around = travel.minutes_around(store, nearest)
            assert around[row["position"]] == pytest.approx(row[f"minutes_to_{step}"], abs=1e-6)


def test_towns_within_half_an_hour_are_those_that_their_own_maps_reach(store: Store) -> None:
    me, *towns = store.rows(
        "with places as (select row_number() over (order by geonameid) - 1 as position, "
        "geonameid, name, part_of, population, towns_near, lon, lat from marts.towns) "
        "select places.* from places, (select lon, lat from places where name = 'Bebra') as me "
        "where distance_km(me.lon, me.lat, places.lon, places.lat) < 60 "
        "and places.population >= 5000 and places.part_of is null "
        "order by places.name != 'Bebra', places.geonameid"
    )
    assert me["name"] == "Bebra"
    there = [travel.minutes_around(store, town["geonameid"])[me["position"]] for town in towns]
    assert me["towns_near"] == np.sum(np.array(there) <= 30) > 1

"""Placing settlements: distances on the sphere, sections of cities."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from pipelines.core.thresholds import Thresholds
from pipelines.geo import placement
from pipelines.geo import sphere as geometry

degrees = st.tuples(st.floats(-30, 45), st.floats(27, 80))


@given(degrees, degrees)
def test_chord_of_the_sphere_is_the_distance_of_unit_vectors(a: tuple, b: tuple) -> None:
    xyz = geometry.unit_vectors(np.array([a[0], b[0]]), np.array([a[1], b[1]]))
    between = np.linalg.norm(xyz[0] - xyz[1])
    sphere = pyproj.Geod(a=geometry.EARTH_RADIUS_KM, b=geometry.EARTH_RADIUS_KM)
    km = sphere.inv(a[0], a[1], b[0], b[1])[2]
    assert geometry.chord(km) == pytest.approx(between, abs=1e-9)


def test_nearest_region_is_measured_on_the_ellipsoid_also_far_from_europe() -> None:
    # One degree of longitude at 21 S on GRS80 is 103.96 km (111.32 km x cos with flattening).
    square = shapely.box(55.0, -22.0, 56.0, -20.0)
    index, km = placement.nearest_region(
        np.array([57.0]), np.array([-21.0]), np.array([square]), np.array([0])
    )
    assert index[0] == 0
    assert km[0] == pytest.approx(103.96, rel=0.005)


def test_a_point_on_a_shared_border_goes_to_its_own_country() -> None:
    shapes = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    countries = np.array(["AA", "BB"], dtype=object)
    point = shapely.points([1.0, 1.0], [0.5, 0.5])
    own = np.array(["BB", "AA"], dtype=object)
    assert placement.containing_region(point, shapes, own, countries).tolist() == [1, 0]


def test_an_uncoded_place_in_the_disc_of_a_city_is_its_section() -> None:
    # 150 000 people at 1 500 per km2 fill 100 km2: a disc of 5.64 km.
    lon = np.array([10.0, 10.0, 10.0, 10.0])
    lat = np.array([50.0, 50.05, 50.06, 50.05])  # 0, 5.56, 6.67 and 5.56 km away
    people = np.array([150_000, 3_000, 3_000, 3_000])
    coded = np.array([True, False, False, True])
    xyz = geometry.unit_vectors(lon, lat)
    found = placement.sections(xyz, people, coded, 20_000, 1_500)
    assert found.tolist() == [-1, 0, -1, -1]


def _moved(**codes: str | None) -> tuple[str, str, float]:
    """Place a point 0.07 degrees (7.8 km) north of AA002 by its codes: region, how, km."""
    outlines = placement.Outlines(
        np.array([shapely.box(0, 1, 1, 2), shapely.box(0, 0, 1, 1), shapely.box(0, 3, 1, 4)]),
        np.array(["AA001", "AA002", "AA003"], dtype=object),
        np.array(["AA", "AA", "AA"], dtype=object),
    )
    none = dict.fromkeys(("lau_nuts_id", "admin_nuts_id", "stated_nuts_id"))
    town = {"lon": 0.5, "lat": 1.07, "country": "AA", "has_regions": True, **none, **codes}
    towns = pd.DataFrame([town])
    limits = Thresholds(
        placement_near_km=15,
        placement_max_km=200,
        placement_code_km=5,
        placement_municipality_km=15,
    )
    placed = placement.place_by_outline(towns, outlines, limits)
    placement.move_by_code(placed, towns, outlines, limits)
    return outlines.codes[placed.region[0]], placed.how[0], placed.km[0]


def test_codes_go_before_outlines_within_their_reach() -> None:
    # A degree of latitude at the equator is 110.57 km on GRS80: 0.07 degrees are 7.74 km.
    assert _moved() == ("AA001", "inside", 0.0)
    assert _moved(admin_nuts_id="AA002") == ("AA001", "inside", 0.0)
    region, how, km = _moved(lau_nuts_id="AA002", admin_nuts_id="AA001")
    assert (region, how) == ("AA002", "municipality")
    assert km == pytest.approx(7.74, abs=0.01)
    assert _moved(lau_nuts_id="AA003")[:2] == ("AA001", "inside")
    assert _moved(admin_nuts_id="AA001")[:2] == ("AA001", "admin code")
    assert _moved(stated_nuts_id="AA003", lau_nuts_id="AA002")[:2] == ("AA003", "stated")

"""Map files and names on the map, from the embedded default's database."""

from __future__ import annotations

import gzip
import json
import math

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from pages._ui.maps import EUROPE
from pipelines.runner.mapfiles import sites_name
from pipelines.serve import near, queries
from pipelines.serve.labels import labels
from pipelines.serve.store import Store


def test_towns_stand_in_the_order_of_their_identifier(store: Store) -> None:
    towns = queries.map_file(store, "towns")
    known = store.arrow("select geonameid, population from marts.towns order by geonameid")
    assert [t["properties"]["id"] for t in towns] == known["geonameid"].to_pylist()
    assert [t["properties"]["i"] for t in towns] == list(range(len(towns)))
    for town, people in zip(towns[::997], known["population"].to_pylist()[::997], strict=True):
        assert town["properties"]["p"] == people
        # The area of the circle follows the population: 100 km2 of map for 28 648 people.
        area = math.pi * town["properties"]["r"] ** 2
        assert area == pytest.approx(math.pi * people / 900, rel=0.15, abs=0.5)


def test_the_sites_of_a_service_lie_where_the_table_says(store: Store) -> None:
    rows = store.arrow(
        "select lon, lat from marts.service_sites where service = 'upper_centre' "
        "and geonameid is not null order by site_id"
    )
    sites = queries.map_file(store, sites_name("upper_centre"))
    assert len(sites) == rows.num_rows > 300
    # North stays north and east stays east along the middle meridian of the projection.
    near = [
        (s["geometry"]["coordinates"], lon, lat)
        for s, lon, lat in zip(sites, rows["lon"].to_pylist(), rows["lat"].to_pylist(), strict=True)
        if abs(lon - 10) < 0.5
    ]
    assert len(near) > 5
    for (x, y), lon, lat in near:
        assert x == pytest.approx(4321 + (lon - 10) * 111.3 * math.cos(math.radians(lat)), abs=3)
        assert y == pytest.approx(3210 + (lat - 52) * 111.2, abs=15)


def test_names_on_the_map_of_europe_are_large_cities_far_apart(store: Store) -> None:
    x, y, _ = EUROPE["target"]
    found = labels(store, x, y, EUROPE["zoom"], 740, 620, 14)
    names = [f["name"] for f in found]
    assert names[0] == "Istanbul"
    assert {"London", "Berlin", "Madrid", "Rome", "Paris"} <= set(names)
    assert len(names) == 14


def test_names_around_a_region_are_those_of_its_towns(store: Store) -> None:
    west, south, east, north = queries.region_bounds(store)["DE733"]
    found = labels(store, (west + east) / 2, (south + north) / 2, 2.0, 740, 620, 14)
    names = {f["name"] for f in found}
    assert {"Bad Hersfeld", "Fulda", "Kassel"} <= names


def test_a_view_of_the_open_sea_has_no_names(store: Store) -> None:
    assert labels(store, 3000.0, 4200.0, 1.0, 740, 620, 14) == []


@pytest.mark.parametrize("level", [0, 1, 3])
def test_borders_lie_between_two_regions_and_coasts_only_around_countries(
    store: Store, level: int
) -> None:
    regions = [
        shape(f["geometry"]) for f in queries.map_file(store, f"regions-{level}")["features"]
    ]
    pieces = queries.map_file(store, f"borders-{level}")
    middles = shapely.points(np.array([[p["a"], p["b"]] for p in pieces[::101]]).mean(axis=1))
    piece, _ = shapely.STRtree(regions).query(middles, predicate="dwithin", distance=0.15)
    touched = np.bincount(piece, minlength=len(middles))
    assert (touched >= 1).all()
    assert ((touched == 1).mean() > 0.7) if level == 0 else (touched >= 2).all()
    assert len({(*p["a"], *p["b"]) for p in pieces}) == len(pieces)


def near_of(store: Store, level: int, code: str) -> shapely.Geometry:
    return shapely.union_all([shape(f["geometry"]) for f in near.shapes(store, level, code)])


def test_finer_outlines_come_closer_to_the_official_areas(store: Store) -> None:
    official = {
        row["nuts_id"]: row["area_km2"]
        for row in store.rows(
            "select nuts_id, area_km2 from marts.regions "
            "where level = 3 and area_basis = 'official' and not coastal like '%coast'"
        )
    }
    coarse = {
        f["properties"]["id"]: shape(f["geometry"])
        for f in queries.map_file(store, "regions-3")["features"]
    }
    codes = sorted(official.keys() & coarse.keys())[::15]
    assert len(codes) > 20
    errors = {
        name: np.median([abs(of(code).area / official[code] - 1) for code in codes])
        for name, of in (("finer", lambda c: near_of(store, 3, c)), ("coarse", coarse.get))
    }
    assert errors["finer"] < 0.006 < errors["coarse"]
    corners = [shapely.get_num_coordinates(coarse[code]) for code in codes]
    finer = [shapely.get_num_coordinates(near_of(store, 3, code)) for code in codes]
    assert sum(finer) > 3 * sum(corners)


def test_a_larger_region_is_the_union_of_its_parts_with_no_line_between(store: Store) -> None:
    parts = store.column("select nuts_id from marts.regions where level = 3 and parent_id = 'LU00'")
    whole = near_of(store, 0, "LU")
    assert parts == ["LU000"]
    assert whole.equals(near_of(store, 3, "LU000"))
    belgium = near_of(store, 0, "BE")
    codes = store.column("select nuts_id from marts.regions where level = 3 and country = 'BE'")
    assert belgium.area == pytest.approx(sum(near_of(store, 3, c).area for c in codes), rel=1e-4)
    assert all(len(part.interiors) == 0 for part in shapely.get_parts(belgium))


def test_a_square_has_each_polygon_that_reaches_into_it_whole(store: Store) -> None:
    """Bad Hersfeld lies at 4 300 east, 3 085 north: column 16, row 12 of 256 km."""
    path = store.maps / "near-3.json.gz"
    features = json.loads(gzip.decompress(near.tile(path, 16, 12)))["features"]
    square = shapely.box(4096, 3072, 4352, 3328)
    ids = {f["properties"]["id"] for f in features}
    assert {"DE733", "DE731"} <= ids
    assert all(shapely.box(*shape(f["geometry"]).bounds).intersects(square) for f in features)
    hersfeld = [f for f in features if f["properties"]["id"] == "DE733"]
    assert hersfeld == near.shapes(store, 3, "DE733")
    order = [f["properties"]["id"] for f in queries.map_file(store, "regions-3")["features"]]
    assert order[hersfeld[0]["properties"]["i"]] == "DE733"
    assert json.loads(gzip.decompress(near.tile(path, -99, 0)))["features"] == []

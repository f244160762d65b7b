"""GeoJSON exports against RFC 7946, by a validator of the tests' own."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

import pytest

from pipelines.serve import export
from pipelines.serve.store import Store

_LINES = {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"}


def signed_area(ring: list[list[float]]) -> float:
    """Return twice the area by the shoelace formula: positive if counter-clockwise."""
    x0, y0 = ring[0][:2]
    return sum(
        (a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0) for a, b in itertools.pairwise(ring)
    )


def check_position(position: Any) -> None:
    assert isinstance(position, list)
    assert len(position) in (2, 3)
    lon, lat = position[:2]
    assert math.isfinite(lon)
    assert math.isfinite(lat)
    assert -180 <= lon <= 180, position
    assert -90 <= lat <= 90, position


def check_polygon(rings: list[list[list[float]]]) -> int:
    """Check 3.1.6 of the RFC; return the number of holes."""
    assert rings
    for number, ring in enumerate(rings):
        assert len(ring) >= 4
        assert ring[0] == ring[-1], "a linear ring is closed"
        for position in ring:
            check_position(position)
        area = signed_area(ring)
        assert area > 0 if number == 0 else area < 0, "outside counter-clockwise, holes clockwise"
    return len(rings) - 1


def check_geometry(geometry: dict[str, Any] | None) -> int:
    if geometry is None:
        return 0
    assert geometry["type"] in _LINES
    assert set(geometry) <= {"type", "coordinates", "bbox"}
    where = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        return check_polygon(where)
    if geometry["type"] == "MultiPolygon":
        return sum(map(check_polygon, where))
    assert geometry["type"] == "Point"
    check_position(where)
    return 0


def validate(content: dict[str, Any]) -> int:
    """Raise AssertionError unless a collection is as RFC 7946 has it; return its holes."""
    assert content["type"] == "FeatureCollection"
    assert "crs" not in content, "4: no other reference system"
    assert not {"coordinates", "geometries", "geometry", "properties"} & set(content), "7.1"
    holes, ids = 0, []
    for feature in content["features"]:
        assert feature["type"] == "Feature"
        assert {"geometry", "properties"} <= set(feature)
        assert not {"coordinates", "geometries", "features"} & set(feature), "7.1"
        assert feature["properties"] is None or isinstance(feature["properties"], dict)
        assert isinstance(feature["id"], str | int), "3.2: a string or a number"
        ids.append(feature["id"])
        holes += check_geometry(feature["geometry"])
    assert len(set(ids)) == len(ids)
    return holes


def exported(store: Store, table: str, folder: Path) -> dict[str, Any]:
    target = folder / f"{table}.geojson"
    export.export_file(store, table, target)

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    return json.loads(target.read_text("utf-8"), parse_constant=refuse)


def test_outlines_of_regions_turn_the_right_way(store: Store, tmp_path: Path) -> None:
    content = exported(store, "regions", tmp_path)
    assert len(content["features"]) == 2010
    assert validate(content) > 50, "districts around a city have holes"
    keys = [feature["id"] for feature in content["features"]]
    assert keys == [feature["properties"]["nuts_id"] for feature in content["features"]]


@pytest.mark.parametrize(
    ("table", "key"), [("social_places", None), ("service_sites", "basic_centre/")]
)
def test_points_have_the_key_of_their_row(
    store: Store, tmp_path: Path, table: str, key: str | None
) -> None:
    content = exported(store, table, tmp_path)
    assert validate(content) == 0
    first = content["features"][0]
    assert first["id"] in first["properties"].values() if key is None else key in first["id"]


def test_the_validator_can_fail(store: Store, tmp_path: Path) -> None:
    content = exported(store, "regions", tmp_path)
    polygons = (f["geometry"] for f in content["features"] if f["geometry"]["type"] == "Polygon")
    next(polygons)["coordinates"][0].reverse()
    with pytest.raises(AssertionError, match="counter-clockwise"):
        validate(content)

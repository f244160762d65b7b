"""Roads as published: what is read, and what is said of files that cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from pipelines.core import registry
from pipelines.core.errors import HinterlandError
from pipelines.sources.natural_earth import read_roads

SOURCE = registry.read_registry()["natural_earth_roads"]
ALPS = [[11.0, 46.0], [11.5, 46.5]]
OHIO = [[-83.0, 40.0], [-82.0, 40.5]]


def geojson(folder: Path, *features: tuple[dict, list]) -> Path:
    path = folder / "ne_10m_roads.geojson"
    rows = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": {"type": "LineString", "coordinates": line},
        }
        for properties, line in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), "utf-8")
    return path


def test_the_publishers_file_is_read_within_europe(tmp_path):
    table = read_roads(
        geojson(
            tmp_path,
            ({"type": "Road", "scalerank": 7}, OHIO),
            ({"type": "Major Highway"}, ALPS),
            ({"type": None}, ALPS),
        ),
        SOURCE,
    )
    assert table["type"].to_pylist() == ["Major Highway", "Unknown"]
    assert table["line_no"].to_pylist() == [2, 3]
    assert table.schema.metadata[b"outside"] == b"1"
    line = shapely.from_wkb(table["geometry"][0].as_py())
    assert list(line.coords) == [(11.0, 46.0), (11.5, 46.5)]


def test_parquet_with_the_same_columns_is_read(tmp_path):
    path = tmp_path / "roads.parquet"
    wkb = shapely.to_wkb(shapely.LineString(ALPS))
    pq.write_table(pa.table({"type": ["Ferry Route"], "geometry": [wkb]}), path)
    assert read_roads(path, SOURCE)["type"].to_pylist() == ["Ferry Route"]


@pytest.mark.parametrize(
    ("features", "says"),
    [
        ([({"scalerank": 3}, ALPS)], r"row 1: no field 'type'; it has \['scalerank'\]"),
        ([({"type": None}, ALPS), ({"type": ""}, ALPS)], "field 'type' is empty in all 2 rows"),
        (
            [({"type": "Road"}, ALPS), ({"type": "Autobahn"}, ALPS)],
            "row 2: type 'Autobahn' found; allowed: Major Highway",
        ),
        (
            [({"type": "Road"}, OHIO)],
            "none of 1 lines lies in Europe .*longitude -32 to 45.*-83.0, 40.0",
        ),
        (
            [({"type": "Road"}, ALPS), ({"type": "Road"}, [[4321000, 3210000], [4321000, 1]])],
            "row 2: bounds .* are no degrees",
        ),
        ([], "holds no feature"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_row_and_field(tmp_path, features, says):
    path = geojson(tmp_path, *features)
    with pytest.raises(HinterlandError, match=says) as error:
        read_roads(path, SOURCE)
    assert str(path) in str(error.value)


def test_points_and_cut_off_files_are_refused(tmp_path):
    path = tmp_path / "points.parquet"
    wkb = shapely.to_wkb(shapely.Point(11, 46))
    pq.write_table(pa.table({"type": ["Road"], "geometry": [wkb]}), path)
    with pytest.raises(HinterlandError, match="row 1: geometry is no line"):
        read_roads(path, SOURCE)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(HinterlandError, match="cannot be read as Parquet"):
        read_roads(path, SOURCE)
    with pytest.raises(HinterlandError, match="no such file"):
        read_roads(tmp_path / "none.geojson", SOURCE)

"""Roads as published: what is read, and what is said of files that cannot be."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import geopandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from pipelines.core import registry
from pipelines.core.errors import HinterlandError
from pipelines.sources.natural_earth import read_roads
from tests.standin import made
from tests.where import DATA

SOURCE = registry.read_registry()["natural_earth_roads"]
ALPS = [[11.0, 46.0], [11.5, 46.5]]
OHIO = [[-83.0, 40.0], [-82.0, 40.5]]
LINE, FAR = shapely.LineString(ALPS), shapely.LineString(OHIO)


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


# --- the publisher's zip, written here by GDAL -------------------------------------------


def zipped(folder: Path, frame: geopandas.GeoDataFrame, *, without: str = "") -> Path:
    """Write a frame as the publisher does: a zip of a shapefile's members."""
    inner = folder / "shape"
    inner.mkdir()
    frame.to_file(inner / "ne_10m_roads.shp", engine="pyogrio")
    path = folder / "ne_10m_roads.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in sorted(inner.iterdir()):
            if member.suffix != without:
                archive.write(member, member.name)
    return path


def frame(**columns: list) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(columns, geometry="geometry", crs="EPSG:4326")


def test_the_zipped_shapefile_is_read_as_gdal_wrote_it(tmp_path):
    """Lines of several parts, with heights, a class that is empty, a field before the class."""
    several = shapely.MultiLineString([ALPS, [[12.0, 47.0], [12.5, 47.5], [12.6, 47.4]]])
    high = shapely.LineString([[11.0, 46.0, 300.0], [11.5, 46.5, 900.0]])
    path = zipped(
        tmp_path,
        frame(
            scalerank=[3, 4, 5],
            TYPE=["Ferry Route", "Major Highway", None],
            name=["Überfahrt", "", "x"],
            geometry=[shapely.LineString(OHIO), several, shapely.LineString(ALPS)],
        ),
    )
    table = read_roads(path, SOURCE)
    assert table["type"].to_pylist() == ["Major Highway", "Unknown"]
    assert table["line_no"].to_pylist() == [2, 3]
    assert shapely.from_wkb(table["geometry"][0].as_py()).equals(several)
    (tmp_path / "z").mkdir()
    path = zipped(tmp_path / "z", frame(type=["Road"], geometry=[high]))
    line = shapely.from_wkb(read_roads(path, SOURCE)["geometry"][0].as_py())
    assert line.equals(shapely.LineString(ALPS))


@pytest.mark.shared
@pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not there")
def test_all_lines_at_hand_come_out_of_a_shapefile_as_they_went_in(tmp_path):
    parquet = DATA / "natural_earth" / "natural_earth_roads_z7_europe.parquet"
    path = tmp_path / "roads.zip"
    path.write_bytes(made.roads_shapefile(parquet))
    ours, theirs = read_roads(path, SOURCE), read_roads(parquet, SOURCE)
    assert ours["type"].to_pylist() == theirs["type"].to_pylist()
    a, b = (shapely.from_wkb(t["geometry"].to_pylist()) for t in (ours, theirs))
    assert shapely.equals(a, b).all()


@pytest.mark.parametrize(
    ("columns", "without", "says"),
    [
        (
            {"scalerank": [3], "geometry": [shapely.LineString(ALPS)]},
            "",
            r"no field 'type'; it has",
        ),
        ({"type": [None], "geometry": [LINE]}, "", "empty in all 1 rows"),
        ({"type": ["Autobahn"], "geometry": [LINE]}, "", "row 1: type 'Auto"),
        ({"type": ["Road"], "geometry": [FAR]}, "", "lies in Europe"),
        ({"type": ["Road"], "geometry": [shapely.Point(11, 46)]}, "", "row 1: shape of type 1;"),
        (
            {"type": ["Road"], "geometry": [shapely.LineString(ALPS)]},
            ".shp",
            "0 members end in .shp",
        ),
        (
            {"type": ["Road"], "geometry": [shapely.LineString(ALPS)]},
            ".dbf",
            "0 members end in .dbf",
        ),
    ],
)
def test_a_shapefile_that_cannot_be_used_is_named_with_row_and_field(
    tmp_path, columns, without, says
):
    path = zipped(tmp_path, frame(**columns), without=without)
    with pytest.raises(HinterlandError, match=says) as error:
        read_roads(path, SOURCE)
    assert str(path) in str(error.value)


def test_members_that_are_cut_off_or_do_not_fit_are_refused(tmp_path):
    path = zipped(tmp_path, frame(type=["Road"] * 2, geometry=[shapely.LineString(ALPS)] * 2))
    with zipfile.ZipFile(path) as archive:
        members = {Path(name).suffix: archive.read(name) for name in archive.namelist()}

    def says(text: str, **changed: bytes) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for suffix, raw in (members | {f".{k}": v for k, v in changed.items()}).items():
                archive.writestr(f"ne_10m_roads{suffix}", raw)
        with pytest.raises(HinterlandError, match=text):
            read_roads(path, SOURCE)

    shp, dbf = members[".shp"], members[".dbf"]
    says("cut off or damaged .record 2 should have", shp=shp[:-10])
    # One record of a line: 8 bytes of header, 44 + 4 of counts, two points of 16 bytes.
    says("1 shapes in the .shp, 2 rows in the .dbf", shp=shp[: 100 + 8 + 48 + 32])
    says("not with file code 9994", shp=b"PNG." + shp[4:])
    says("its .dbf should have 2 rows", dbf=dbf[:-20])
    says("a part with fewer than two points", shp=shp[:144] + b"\x00" * 4 + shp[148:])
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(HinterlandError, match="not a zip archive, or cut off"):
        read_roads(path, SOURCE)

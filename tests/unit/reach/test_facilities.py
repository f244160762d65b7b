"""Reading facilities: every bad input ends in a clear error or a stated repair."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.core.errors import InputError
from pipelines.reach.facilities import FacilityLimits, read_facilities
from pipelines.travel.embedded import thresholds

LIMITS = FacilityLimits.from_thresholds(thresholds())


def read(folder: Path, text: str | bytes, name: str = "f.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_facilities(path, LIMITS)


def collection(*features: dict, **more) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more})


def feature(coordinates, kind: str = "Point", **properties) -> dict:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": properties,
    }


def test_plain_csv(tmp_path):
    found = read(tmp_path, "id,name,lon,lat,capacity\na,Gießen,8.67,50.58,120\nb,x,9.5,51.3,\n")
    assert found.sites.ids.tolist() == ["a", "b"]
    assert found.sites.lon.tolist() == [8.67, 9.5]
    assert found.sites.capacity[0] == 120
    assert math.isnan(found.sites.capacity[1]), "missing is not zero"
    allowed = "a capacity in each, or in none: each counts as one then (one per site)"
    with pytest.raises(InputError) as caught:
        found.for_supply()
    where = "f.csv, row 3: capacity is empty, as in 1 of 2 facilities"
    assert str(caught.value) == f"{where}; allowed: {allowed}"
    assert np.isnan(found.for_supply(one_per_site=True).sites.capacity).all()
    assert found.repairs == []


def test_quoted_fields_bom_and_crlf(tmp_path):
    text = b'\xef\xbb\xbfid,lon,lat\r\n"a, b",8.0,50.0\r\n\r\n"c",9,51\r\n'
    assert read(tmp_path, text).sites.ids.tolist() == ["a, b", "c"]


def test_repairs_are_said(tmp_path):
    found = read(tmp_path, "id;longitude;latitude\na;8;50\n")
    assert found.sites.lat.tolist() == [50]
    assert any("';'" in r for r in found.repairs)
    assert any("'longitude' read as 'lon'" in r for r in found.repairs)


def test_whole_file_swapped_is_repaired_and_said(tmp_path):
    found = read(tmp_path, "id,lon,lat\na,50.1,8.6\nb,52.5,13.4\n")
    assert found.sites.lon.tolist() == [8.6, 13.4]
    assert "swapped in all 2 rows" in found.repairs[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "file is empty"),
        ("  \n ", "file is empty"),
        ("id,lon,lat\n", "no facilities"),
        ("id,lon\na,1\n", "row 1: no column 'lat'; found id, lon"),
        ("id,lon,lat,lat\na,1,2,3\n", "column 'lat' comes twice"),
        ("id,lon,lat\na,8.0,50.0\na,9.0,51.0\n", "row 3: id 'a' stands already in row 2"),
        ("id,lon,lat\n,8.0,50.0\n", "row 2: id is empty"),
        ("id,lon,lat\na,x,50.0\n", "row 2: lon is 'x'"),
        ("id,lon,lat\na,8.0,\n", "row 2: lat is ''"),
        ("id,lon,lat\na,nan,50\n", "row 2: lon is 'nan'"),
        ("id,lon,lat\na,inf,50\n", "row 2: lon is 'inf'"),
        ('id,lon,lat\na,"8,5",50\n', "use a decimal point"),
        ("id,lon,lat\na,8.0\n", "row 2: 2 fields; the header has 3"),
        ("id,lon,lat,capacity\na,8,50,-3\n", "row 2: capacity is -3; it cannot be below 0"),
        ("id,lon,lat,capacity\na,8,50,many\n", "row 2: capacity is 'many'"),
        ("id,lon,lat\na,4321000,3210000\n", "not metres of a projection"),
        ("id,lon,lat\na,8,50\nb,52.5,13.4\n", "id 'b': lon 52.5, lat 13.4 look swapped"),
        ('id,lon,lat\n"a,8,50\n', "row"),
        ("id,lon,lat\na,8,50\x00\n", "NUL"),
    ],
)
def test_bad_csv_is_named(tmp_path, text, message):
    with pytest.raises(InputError, match=r"f\.csv") as error:
        read(tmp_path, text)
    assert message in str(error.value)


def test_wrong_encoding_names_the_row(tmp_path):
    with pytest.raises(InputError, match="row 3: byte 0xfc is not UTF-8"):
        read(tmp_path, "id,lon,lat\na,8,50\nMünchen,11.5,48.1\n".encode("latin-1"))
    with pytest.raises(InputError, match="UTF-16"):
        read(tmp_path, "id,lon,lat\na,8,50\n".encode("utf-16"))


def test_missing_file_and_other_formats(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_facilities(tmp_path / "none.csv", LIMITS)
    with pytest.raises(InputError, match=r"\.csv or \.geojson"):
        read(tmp_path, "x", "f.shp")


def test_a_million_rows_end_in_a_clear_error_and_soon(tmp_path):
    text = "id,lon,lat\n" + "\n".join(f"{i},8.5,50.5" for i in range(1_000_000))
    started = time.perf_counter()
    with pytest.raises(InputError, match="more than 200000 facilities"):
        read(tmp_path, text)
    assert time.perf_counter() - started < 15


# --- GeoJSON -----------------------------------------------------------------------------


def test_geojson_points(tmp_path):
    text = collection(feature([8.6, 50.1, 100], id="a", capacity=5), feature([9, 51], id=7))
    found = read(tmp_path, text, "f.geojson")
    assert found.sites.ids.tolist() == ["a", "7"]
    assert found.sites.capacity[0] == 5


def test_geojson_polygon_becomes_a_point_on_it_and_says_so(tmp_path):
    ring = [[8, 50], [9, 50], [9, 51], [8, 51], [8, 50]]
    found = read(tmp_path, collection(feature([ring], "Polygon", id="p")), "f.geojson")
    assert 8 < found.sites.lon[0] < 9
    assert 50 < found.sites.lat[0] < 51
    assert found.repairs == ["f.geojson: 1 Polygon is stood for by a point on it"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('<OGRVRTDataSource><OGRVRTLayer name="x"/></OGRVRTDataSource>', "is XML, not GeoJSON"),
        ("{", "row 1: is not JSON"),
        ("[1]", "holds a list"),
        ('{"type": "Topology"}', "type is 'Topology'"),
        ('{"type": "FeatureCollection", "features": [NaN]}', "NaN is not JSON"),
        ("[" * 100_000, "nested too deeply"),
        (collection(), "no facilities"),
        (collection({"type": "Feature", "geometry": None}), "feature 1: geometry is missing"),
        (collection(feature([], id="a")), "feature 1: coordinates are '[]'"),
        (collection(feature(["x", 1], id="a")), "feature 1: lon is 'x'"),
        (collection(feature([8, 50]), feature([9, 50], id="a")), "feature 1: id is empty"),
        (collection(feature([8, 50], id="a"), feature([8, 50], id="a")), "stands already in"),
        (collection(feature([8, 50], "Circle", id="a")), "geometry type is 'Circle'"),
        (collection(feature([[[8, 50]]], "Polygon", id="a")), "Polygon cannot be read"),
        (collection(feature([8, 50], id={"a": 1})), "id must be text or a number"),
        (
            collection(feature([8, 50], id="a"), crs={"properties": {"name": "EPSG:3035"}}),
            "only EPSG:4326",
        ),
        (collection(feature([8, 50], id="a", capacity=-1)), "capacity is -1"),
    ],
)
def test_bad_geojson_is_named(tmp_path, text, message):
    with pytest.raises(InputError) as error:
        read(tmp_path, text, "f.geojson")
    assert message in str(error.value)
    assert "f.geojson" in str(error.value)


def test_rows_without_any_id_are_numbered(tmp_path):
    """European Excel's export of three columns."""
    found = read(tmp_path, "Name;lat;lon\nBücherei Bebra;50,97;9,79\nAlheim;51,02;9,66\n;;\n")
    assert found.sites.ids.tolist() == ["1", "2"]
    assert found.sites.lat.tolist() == [50.97, 51.02]
    assert found.names == ["Bücherei Bebra", "Alheim"]
    assert "f.csv: no column 'id'; the rows are numbered from 1" in found.repairs
    found = read(tmp_path, collection(feature([8, 50]), feature([9, 50], name="B")), "f.geojson")
    assert found.sites.ids.tolist() == ["1", "2"]
    assert found.names == ["", "B"]
    assert found.repairs == ["f.geojson: no feature has an id; they are numbered from 1"]


def test_every_part_of_a_geometry_is_a_site_of_its_own(tmp_path):
    square = [[[8, 50], [8.2, 50], [8.2, 50.2], [8, 50.2], [8, 50]]]
    other = [[[9, 51], [9.2, 51], [9.2, 51.2], [9, 51.2], [9, 51]]]
    text = collection(
        feature([[9.79, 50.97], [8.88, 51.94], [9.5, 51.3]], "MultiPoint", id="B", capacity=30),
        feature([square, other], "MultiPolygon", id=7.0),
        feature([[8.5, 50.5]], "MultiPoint", id="one", capacity=3),
    )
    found = read(tmp_path, text, "f.geojson")
    assert found.sites.ids.tolist() == ["B/1", "B/2", "B/3", "7/1", "7/2", "one"]
    assert found.sites.lon[:3].tolist() == [9.79, 8.88, 9.5]
    assert 8 < found.sites.lon[3] < 8.2
    assert 9 < found.sites.lon[4] < 9.2
    assert found.sites.capacity[[0, 1, 2, 5]].tolist() == [10, 10, 10, 3]
    assert found.repairs == [
        "f.geojson: 2 Polygons are stood for by a point on each",
        "f.geojson: 2 features of several parts are 5 sites, each with its share of the capacity",
    ]


def test_a_part_that_is_none_is_named(tmp_path):
    text = collection(feature([[8, 50], ["x", 51]], "MultiPoint", id="a"))
    with pytest.raises(InputError, match="feature 1: part 2 of a MultiPoint: lon is 'x'"):
        read(tmp_path, text, "f.geojson")


def test_all_findings_of_a_file_are_listed(tmp_path):
    text = "id,lon,lat,capacity\na,8,50\nb,x,50,1\nc,8,50,n/a\nc,8,50,\n,8,50,\n"
    with pytest.raises(InputError) as error:
        read(tmp_path, text)
    assert [finding.row for finding in error.value.findings] == [2, 3, 4, 5, 6]
    lines = str(error.value).splitlines()
    assert lines[0] == "f.csv: 5 things to put right:"
    for words in ("3 fields", "lon is 'x'", "capacity is 'n/a'", "already in row 4", "id is empty"):
        assert any(words in line for line in lines)


@pytest.mark.parametrize(
    ("cell", "beds"),
    [
        ("1.200,5", 1200.5),
        ("1 200", 1200),
        ("1\u00a0200", 1200),
        ("1\u202f200,25", 1200.25),
        ("1'200", 1200),
        ("12’345’678", 12_345_678),
    ],
)
def test_thousands_that_can_be_nothing_else_are_read_and_said(tmp_path, cell, beds):
    found = read(tmp_path, f"id;lon;lat;capacity\na;9,5;50;{cell}\nb;9,6;50,1;7\n")
    assert found.sites.capacity.tolist() == [beds, 7]
    assert any(
        r.startswith("f.csv: 1 capacity read without signs of thousands, such as")
        for r in found.repairs
    )


def grouped(number: int, sign: str) -> str:
    """Write a whole number with a sign between groups of three digits, from behind."""
    digits = str(number)
    parts = []
    while digits:
        digits, part = digits[:-3], digits[-3:]
        parts.insert(0, part)
    return sign.join(parts)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 10**9),
    st.sampled_from([" ", "\u00a0", "\u202f", "'", ".", ",", ""]),
    st.one_of(st.none(), st.integers(0, 9999)),
    st.sampled_from(".,"),
)
def test_no_number_is_ever_read_as_another(tmp_path_factory, whole, sign, fraction, decimal):
    """What was written is what is read, in every European way, or the file is refused."""
    if sign == decimal:
        return
    cell = grouped(whole, sign)
    meant = float(whole)
    if fraction is not None:
        cell += f"{decimal}{fraction}"
        meant = float(f"{whole}.{fraction}")
    path = tmp_path_factory.mktemp("n") / "f.csv"
    comma = decimal == ","
    place = "9,5;50,25" if comma else "9.5;50.25"
    path.write_text(f"id;lon;lat;capacity\na;{place};{cell}\n", "utf-8")
    try:
        found = read_facilities(path, LIMITS)
    except InputError as error:
        said = str(error)
        read_as = [meant] if "capacity is" in said else [said]
    else:
        read_as = found.sites.capacity.tolist()
    assert read_as == [meant]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["f.csv", "f.geojson"]))
def test_no_bytes_end_in_a_traceback(tmp_path_factory, raw, name):
    path = tmp_path_factory.mktemp("fuzz") / name
    path.write_bytes(raw)
    try:
        found = read_facilities(path, LIMITS)
    except InputError:
        return
    assert len(found.sites) > 0


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.text(max_size=4), st.integers()),
            st.one_of(st.floats(), st.text(max_size=5), st.none()),
            st.one_of(st.floats(), st.integers(), st.none()),
        ),
        max_size=4,
    )
)
def test_strange_values_end_in_no_traceback(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("fuzz") / "f.geojson"
    path.write_text(collection(*(feature([x, y], id=i) for i, x, y in rows)))
    said = ""
    try:
        said = str(read_facilities(path, LIMITS).sites.ids)
    except InputError as error:
        said = str(error)
    assert said

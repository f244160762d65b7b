"""What a stranger's file can do: every kind ends in a refusal or a stated repair, and soon."""

from __future__ import annotations

import json
import random
import resource
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely

from pipelines.core.areas import area
from pipelines.core.errors import HinterlandError, InputError, SourceUnreadable, TargetUnwritable
from pipelines.io import outlines
from pipelines.io.atomic import writing, writing_folder
from pipelines.io.guard import guard_column, guard_text, is_formula
from pipelines.io.numbers import number
from pipelines.io.sheets import parse
from pipelines.places.osm import read_osm_places
from pipelines.places.own import read_own_places
from pipelines.reach.facilities import FacilityLimits, read_facilities
from pipelines.reach.files import to_csv
from pipelines.sources import gisco

LIMITS = FacilityLimits(most_rows=200_000, most_mb=200)
SECONDS = 5.0  # of CPU; the slowest of these takes a tenth of it

OWN = {
    "id": "a",
    "name": "A",
    "kind": "place",
    "type": "library",
    "country": "DE",
    "source": "list",
}


def facilities(path: Path) -> object:
    return read_facilities(path, LIMITS)


READERS: dict[str, Callable[[Path], object]] = {
    "facilities": facilities,
    "own": read_own_places,
    "osm": read_osm_places,
    "gisco": lambda path: gisco.read_boundaries(path, SimpleNamespace(columns={})),
}


def refused(reader: str, path: Path) -> str:
    """Return the message with which a reader refuses a file, within the time allowed."""
    started = time.process_time()
    with pytest.raises(HinterlandError) as caught:
        READERS[reader](path)
    assert time.process_time() - started < SECONDS
    assert path.name in str(caught.value)
    str(caught.value).encode()
    assert len(str(caught.value)) < 5_000
    return str(caught.value)


def collection(geometry: str, properties: str | None = None) -> str:
    properties = json.dumps(OWN) if properties is None else properties
    return (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "node/1", '
        f'"geometry": {geometry}, "properties": {properties}}}]}}'
    )


def nested(depth: int) -> str:
    return "[" * depth + "9.7, 50.9" + "]" * depth


def ring(points: int) -> str:
    """A ring of random corners: it crosses itself some n² / 6 times."""
    rng = random.Random(1)
    corners = [[9 + rng.random(), 50 + rng.random()] for _ in range(points)]
    return json.dumps({"type": "Polygon", "coordinates": [[*corners, corners[0]]]})


GEOMETRIES = {
    **{
        f"{kind} nested {depth} deep": f'{{"type": "{kind}", "coordinates": {nested(depth)}}}'
        for kind in ("Point", "Polygon", "MultiPolygon")
        for depth in (2 if kind == "Point" else 9, 500, 700, 985)
    },
    "polygon without coordinates": '{"type": "Polygon"}',
    "coordinates an object": '{"type": "Polygon", "coordinates": {"a": 1}}',
    "coordinates a text": '{"type": "Polygon", "coordinates": "9 50"}',
    "rings of nothing": '{"type": "MultiPolygon", "coordinates": [[[]], []]}',
    "integer of 400 digits in a point": f'{{"type": "Point", "coordinates": [{"9" * 400}, 50]}}',
    "integer of 5000 digits": f'{{"type": "Point", "coordinates": [{"9" * 5000}, 50]}}',
    "integer of 400 digits in a polygon": (
        f'{{"type": "Polygon", "coordinates": [[[{"9" * 400}, 50], [9, 51], [9, 50], [8, 50]]]}}'
    ),
    "true for a number": (
        '{"type": "Polygon", "coordinates": [[[true, 50], [9, 51], [9, 50], [8, 50]]]}'
    ),
    "1e308 for a number": (
        '{"type": "Polygon", "coordinates": [[[1e308, 50], [9, 51], [9, 50], [8, 50]]]}'
    ),
    "1e999 for a number": '{"type": "Point", "coordinates": [1e999, 50]}',
    "a text for a number": '{"type": "Point", "coordinates": ["9.7", 50]}',
    "60 000 vertices": json.dumps(
        {"type": "Polygon", "coordinates": [[[9 + i / 1e6, 50] for i in range(60_000)]]}
    ),
}


@pytest.mark.parametrize("reader", ["facilities", "own"])
@pytest.mark.parametrize("kind", list(GEOMETRIES))
def test_a_geometry_that_is_none_is_refused(kind: str, reader: str, tmp_path: Path) -> None:
    path = tmp_path / "f.geojson"
    path.write_text(collection(GEOMETRIES[kind]))
    assert "feature 1" in refused(reader, path) or "JSON" in refused(reader, path)


def osm_outcome(path: Path) -> object:
    """Return what was left out of an extract, or why it was refused."""
    try:
        return read_osm_places(path).left_out
    except InputError as error:
        return error.findings[0].problem.split(":")[0]


@pytest.mark.parametrize("kind", list(GEOMETRIES))
def test_osm_objects_with_such_geometries_have_no_position(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "f.geojson"
    path.write_text(collection(GEOMETRIES[kind], '{"amenity": "library"}'))
    assert osm_outcome(path) in ("is not JSON", {"no position": 1})


@pytest.mark.parametrize("reader", ["facilities", "own", "osm"])
@pytest.mark.parametrize("points", [100, 400, 3_000, 49_000])
def test_a_ring_that_crosses_itself_gives_a_point_in_it_at_once(
    points: int, reader: str, tmp_path: Path
) -> None:
    path = tmp_path / "f.geojson"
    properties = '{"amenity": "library"}' if reader == "osm" else None
    path.write_text(collection(ring(points), properties))
    started = time.process_time()
    read = READERS[reader](path)
    assert time.process_time() - started < 1 + points / 10_000
    table = getattr(read, "table", None)
    lon, lat = (
        (read.sites.lon[0], read.sites.lat[0])  # type: ignore[attr-defined]
        if table is None
        else (table["lon"][0].as_py(), table["lat"][0].as_py())
    )
    assert 9 <= lon <= 10
    assert 50 <= lat <= 51


def test_outlines_are_made_valid_only_where_crossings_are_few() -> None:
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)])
    plain = shapely.box(0, 0, 1, 1)
    shapes, repaired = outlines.valid(np.array([plain, bow]))
    assert repaired == 1
    assert shapely.is_valid(shapes).all()
    assert shapely.area(shapes).tolist() == pytest.approx([1, 0.5])
    tangle = shapely.from_geojson(ring(3_000))
    started = time.process_time()
    with pytest.raises(ValueError, match="cross themselves more than 1000 times"):
        outlines.valid(np.array([tangle]))
    assert time.process_time() - started < SECONDS


def test_a_multipoint_is_no_single_site(tmp_path: Path) -> None:
    path = tmp_path / "f.geojson"
    path.write_text(collection('{"type": "MultiPoint", "coordinates": [[9, 50], [8, 50]]}'))
    assert read_facilities(path, LIMITS).sites.lon.tolist() == [9, 8]
    path.write_text(collection('{"type": "MultiPoint", "coordinates": [[9, 50]]}'))
    assert read_facilities(path, LIMITS).sites.lon.tolist() == [9]


CRS = {
    "urn:x:not-4326-at-all": False,
    "urn:ogc:def:crs:EPSG::14326": False,
    "urn:ogc:def:crs:EPSG::3035": False,
    "EPSG:43260": False,
    "urn:ogc:def:crs:OGC:1.3:CRS84": True,
    "urn:ogc:def:crs:OGC::CRS84": True,
    "urn:ogc:def:crs:EPSG::4326": True,
    "urn:ogc:def:crs:EPSG:9.9:4326": True,
    "http://www.opengis.net/def/crs/OGC/1.3/CRS84": True,
    "http://www.opengis.net/def/crs/EPSG/0/4326": True,
    "EPSG:4326": True,
    "EPSG:4258": True,
    "OGC:CRS84": True,
}


@pytest.mark.parametrize("reader", ["facilities", "own", "osm"])
@pytest.mark.parametrize("name", list(CRS))
def test_one_list_of_coordinate_systems(name: str, reader: str, tmp_path: Path) -> None:
    properties = OWN | ({"amenity": "library"} if reader == "osm" else {})
    data = json.loads(
        collection('{"type": "Point", "coordinates": [9, 50]}', json.dumps(properties))
    )
    data["crs"] = {"type": "name", "properties": {"name": name}}
    path = tmp_path / "f.geojson"
    path.write_text(json.dumps(data))
    if CRS[name]:
        READERS[reader](path)
    else:
        assert "only EPSG:4326 is allowed" in refused(reader, path)


IDS = {
    "20 000 characters": ("x" * 20_000, "has 20,000 characters"),
    "101 characters": ("x" * 101, "has 101 characters"),
    "a NUL": ("a\0b", "holds a NUL character"),
    "half a character": ("\ud800", "half of a character"),
    "4000 digits": (10**4000, "has 4,001 characters"),
    "yes": (True, "must be text or a number"),
}


@pytest.mark.parametrize("kind", list(IDS))
def test_an_id_that_cannot_be_copied_to_every_settlement(kind: str, tmp_path: Path) -> None:
    value, text = IDS[kind]
    path = tmp_path / "f.geojson"
    point = '{"type": "Point", "coordinates": [9, 50]}'
    path.write_text(collection(point, json.dumps({"id": value})))
    assert text in refused("facilities", path)


def test_a_long_id_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(f"id,lon,lat\n{'x' * 20_000},13.4,52.5\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "has 20,000 characters; allowed: text of up to 100" in refused("facilities", path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB
    path.write_text(f"id,lon,lat\n{'x' * 100},13.4,52.5\n")
    assert len(read_facilities(path, LIMITS).sites) == 1


HEADER = "id,name,kind,type,country,lon,lat,source"
CELLS = {
    "name of 201 characters": ("A", "x" * 201, "cell has 201 characters"),
    "source of 1 MB": ("list", "x" * 1_000_000, "cell has 1,000,000 characters"),
    "lon of 5000 digits": ("9.79", "9" * 5000, "cell has 5,000 characters"),
    "lon of 400 digits": ("9.79", "9" * 99, "not a number"),
    "lon with underscore": ("9.79", "1_0", "not a number"),
    "lon in Arabic digits": ("9.79", "٩", "not a number"),
    "name of a formula behind a zero-width space": ("A", "\u200b=1+1", "formula"),
}


@pytest.mark.parametrize("kind", list(CELLS))
def test_a_cell_of_own_places_has_a_limit(kind: str, tmp_path: Path) -> None:
    old, new, text = CELLS[kind]
    path = tmp_path / "f.csv"
    path.write_text(f"{HEADER}\na,A,place,library,DE,9.79,50.97,list\n".replace(old, new, 1))
    assert text in refused("own", path)


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("year", "9" * 5000, "has 5,000 characters"),
        ("geonameid", "9" * 5000, "has 5,000 characters"),
        ("geonameid", "9" * 50, "not a whole number"),
        ("name", {"a": {"b": 1}}, "not a single value"),
        ("name", [[1]], "not a single value"),
        ("name", "\ud800", "half of a character"),
        ("name", "a\0", "NUL character"),
    ],
)
def test_a_property_of_own_places_has_a_limit(
    key: str, value: object, text: str, tmp_path: Path
) -> None:
    path = tmp_path / "f.geojson"
    point = '{"type": "Point", "coordinates": [9.79, 50.97]}'
    path.write_text(collection(point, json.dumps(OWN | {key: value})))
    assert text in refused("own", path)


def test_a_property_nested_900_deep_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.geojson"
    point = '{"type": "Point", "coordinates": [9.79, 50.97]}'
    path.write_text(collection(point, f'{{"id": "a", "name": {nested(900)}}}'))
    refused("own", path)


@pytest.mark.parametrize(
    "element",
    [
        {"lon": 10**400, "lat": 50},
        {"center": {"lon": 10**400, "lat": 50}},
        {"bounds": dict.fromkeys(("minlon", "maxlon", "minlat", "maxlat"), 10**400)},
        {"geometry": [{"lon": 10**400, "lat": 50}]},
        {"lon": True, "lat": False},
        {"lon": "9", "lat": "50"},
        {"members": [{"type": "way", "ref": [1]}, 7, {"type": "way", "geometry": [None]}]},
    ],
)
def test_osm_elements_without_a_position_are_counted(element: dict, tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    one = {"type": "way", "id": 1, "tags": {"amenity": "library"}} | element
    path.write_text(json.dumps({"elements": [one]}))
    assert read_osm_places(path).left_out == {"no position": 1}


def test_half_a_character_in_a_tag_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    node = {"type": "node", "id": 1, "lon": 9, "lat": 50, "tags": {"club": "\ud800"}}
    path.write_text(json.dumps({"elements": [node]}))
    assert "half of a character" in refused("osm", path)


@pytest.mark.parametrize("reader", ["facilities", "own"])
@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\xef\xbb\xbf", "file is empty"),
        (b"\xef\xbb\xbf\n", "file is empty"),
        ("id,lon,lat\na,8,50\n".encode("utf-32"), "UTF-32"),
        (b"\x00\x00\xfe\xff" + "id".encode("utf-32-be"), "UTF-32"),
        ("id,lon,lat\na,8,50\n".encode("utf-16"), "UTF-16"),
        (b"id,lon,lat\na,8,50\0\n", "row 2: holds a NUL character"),
    ],
)
def test_a_file_that_is_no_utf_8_text(raw: bytes, text: str, reader: str, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(raw)
    assert text in refused(reader, path)


NO_NUMBERS = ("1_000", "13_0.4", "١٢", "１２", "true", "1e308", "nan", "inf", "0x1f", "9" * 5000)


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number_is_refused_with_field_and_row(text: str, tmp_path: Path) -> None:
    assert number(text) is None
    path = tmp_path / "f.csv"
    for field, row in (("lon", f"a,{text},50,1"), ("capacity", f"a,8,50,{text}")):
        path.write_text(f"id,lon,lat,capacity\n{row}\n")
        assert f"row 2: {field} is '{text[:20]}" in refused("facilities", path)


@pytest.mark.parametrize("text", ["9.75", "+5", "-0.5", ".5", "5.", "1e1", " 7 "])
def test_what_is_a_number(text: str) -> None:
    assert number(text) == float(text)


@pytest.mark.parametrize("sign", [",", ";"])
@pytest.mark.parametrize("capacity", ["1.200", "12.500", "1.200.000", "1,200"])
def test_thousands_are_never_read_as_fractions(capacity: str, sign: str, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    cells = ["a", "9,7" if sign == ";" else "9.7", "50", f'"{capacity}"']
    path.write_text(f"{sign.join(('id', 'lon', 'lat', 'capacity'))}\n{sign.join(cells)}\n")
    text = refused("facilities", path)
    assert (
        f"capacity is '{capacity}', which may be {capacity.replace('.', '').replace(',', '')}"[:60]
        in text
    )


def test_a_column_that_shows_its_decimal_point_may_have_three_digits_behind_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "f.csv"
    path.write_text("id,lon,lat,capacity\na,9,50,1.200\nb,9,50,2.5\n")
    assert read_facilities(path, LIMITS).sites.capacity.tolist() == [1.2, 2.5]
    path.write_text("id;lon;lat;capacity\na;9,5;50;1.200\nb;9,5;50;2,5\n")
    # The column shows that its decimal sign is the comma.
    read = read_facilities(path, LIMITS)
    assert read.sites.capacity.tolist() == [1200, 2.5]
    assert any("'1.200' as 1200" in repair for repair in read.repairs)


@pytest.mark.parametrize(
    ("text", "ids", "lon", "said"),
    [
        ("id;lon;lat\na;9,7;50,9\n", ["a"], 9.7, "decimal commas read as decimal points"),
        ("sep=;\nid;lon;lat\na;9.7;50.9\n", ["a"], 9.7, "';' between fields"),
        ("id,lon,lat\na,9.7,50.9\n,,\n,,\n", ["a"], 9.7, "2 empty rows left out"),
        ("id,lon,lat\ra,9.7,50.9\r", ["a"], 9.7, "line ends CR read as LF"),
        ("\ufeffid\tlng\tlat\na\t9.7\t50.9\n", ["a"], 9.7, "'lng' read as 'lon'"),
    ],
)
def test_what_spreadsheets_write_is_read_and_said(
    text: str, ids: list[str], lon: float, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "f.csv"
    path.write_text(text, newline="")
    read = read_facilities(path, LIMITS)
    assert (read.sites.ids.tolist(), read.sites.lon[0]) == (ids, lon)
    assert any(said in repair for repair in read.repairs)


def test_own_places_are_read_with_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    row = "a;A;place;library;DE;9,79;50,97;list"
    path.write_text(f"\ufeff{HEADER.replace(',', ';')}\r\n{row}\r\n;;;;;;;\r\n", newline="")
    read = read_own_places(path)
    assert read.table["lon"].to_pylist() == [9.79]
    assert [repair.split(": ")[1][:14] for repair in read.repairs] == [
        "read with ';' ",
        "1 empty row le",
        "decimal commas",
    ]


@pytest.mark.parametrize("header", ["id,lng,longitude,lat", "id,lon,longitude,lat"])
def test_two_columns_of_one_meaning_are_refused(header: str, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(f"{header}\na,9,8,50\n")
    assert "all mean lon" in refused("facilities", path)


def test_every_fault_of_a_file_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("id,lon,lat,capacity\na,,50,n/a\na,9,50,\nb,9,x,1\n")
    with pytest.raises(InputError) as caught:
        read_facilities(path, LIMITS)
    found = [(one.row, one.field) for one in caught.value.findings]
    assert found == [(2, "capacity"), (2, "lon"), (3, "id"), (4, "lat")]
    assert str(caught.value).splitlines()[0] == "f.csv: 4 things to put right:"
    path.write_text("id,lon,lat\n" + "a,x,y\n" * 100_000)
    assert str(len(refused("facilities", path).splitlines())) == "52"


def test_a_header_without_rows_is_no_list_of_places(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(f"{HEADER}\n")
    assert "no places" in refused("own", path)


# --- formulas ------------------------------------------------------------------------------

UNSEEN = [
    chr(code)
    for code in range(0x110000)
    if unicodedata.category(chr(code)) in {"Cf", "Zs", "Zl", "Zp", "Cc"}
] + ["\u115f", "\u3164", "\uffa0", "\u2800", "\u034f", "\ufe0f"]
FORMULAS = ["\u00a0=1+1", "\u3000=1+1", "\n=1", "\0=1", "\u200b=1", "\ufeff=1", "\u2060 \u200d@x"]


@pytest.mark.parametrize("text", FORMULAS)
def test_one_guard_disarms_in_every_way_out(text: str) -> None:
    assert is_formula(text)
    assert guard_text(pd.DataFrame({"t": [text]}))["t"].tolist() == [f"'{text}"]
    ids = pa.chunked_array([pa.array(["a", text, None, text])])
    assert guard_column(ids).to_pylist() == ["a", f"'{text}", None, f"'{text}"]
    table = pa.table({"geonameid": [1], "minutes_nearest": [1.234], "nearest_id": [text]})
    assert f"'{text}".encode() in to_csv(table)


def test_no_character_without_ink_hides_a_formula() -> None:
    assert [hex(ord(sign)) for sign in UNSEEN if not is_formula(f"{sign}=1")] == []
    plain = [sign for sign in UNSEEN if sign not in "\t\r\n\0"]
    assert [hex(ord(sign)) for sign in plain if is_formula(f"{sign}a")] == []


# --- drafts, areas, sheets ------------------------------------------------------------------


def write_half(target: Path) -> None:
    with writing(target) as draft:
        draft.write_text("half")
        raise RuntimeError


def test_a_file_appears_complete_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")
    with pytest.raises(RuntimeError):
        write_half(target)
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]
    assert target.read_text() == "old"
    with writing(target) as draft:
        assert draft.suffix == ".csv"
        draft.write_text("new")
    assert target.read_text() == "new"
    with pytest.raises(TargetUnwritable, match="cannot be written"), writing(tmp_path / "no" / "b"):
        pass
    with pytest.raises(TargetUnwritable, match="not an empty folder"), writing_folder(tmp_path):
        pass
    with writing_folder(tmp_path / "new" / "folder") as folder:
        (folder / "x").write_text("1")
    assert (tmp_path / "new" / "folder" / "x").read_text() == "1"
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["folder"]


def test_longyearbyen_is_in_europe_for_every_reader(tmp_path: Path) -> None:
    lon, lat = 15.63, 78.22
    path = tmp_path / "f.csv"
    path.write_text(f"id,lon,lat\na,{lat},{lon}\n")
    assert read_facilities(path, LIMITS).sites.lat.tolist() == [lat]  # set right, so known
    path.write_text(f"{HEADER}\na,A,place,library,NO,{lon},{lat},list\n")
    assert read_own_places(path).table["lat"].to_pylist() == [lat]
    path = tmp_path / "f.json"
    node = {"type": "node", "id": 1, "lon": lon, "lat": lat, "tags": {"amenity": "library"}}
    path.write_text(json.dumps({"elements": [node]}))
    assert read_osm_places(path).table.num_rows == 1
    from pipelines.sources.gisco_services import is_mainland

    assert is_mainland(lon, lat)
    assert gisco.in_bounds(lon, lat)
    assert not area("europe").holds(55.45, -20.88)
    assert area("nuts").holds(55.45, -20.88)
    assert not area("nuts").holds(np.nan, 50)


def test_an_area_that_is_not_there_is_named() -> None:
    with pytest.raises(SourceUnreadable, match=r"areas\.csv: no sound row 'atlantis'"):
        area("atlantis")


def test_a_large_sheet_is_parsed_soon() -> None:
    text = "id,lon,lat\n" + "a,9.7,50.9\n" * 300_000 + '"b ""c"", d",1,2\n' * 20_000
    started = time.process_time()
    rows = list(parse(text))
    assert time.process_time() - started < SECONDS
    assert rows[-1] == (320_001, ['b "c", d', "1", "2"])

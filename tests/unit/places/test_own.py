"""A user's own places from CSV and GeoJSON, and OpenStreetMap extracts."""

from __future__ import annotations

import json
import time
import tracemalloc

import pyarrow as pa
import pyarrow.csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.core.errors import CheckFailed, InputError
from pipelines.io import geojson
from pipelines.io.sheets import SHOWN_COLUMNS
from pipelines.places import osm as osm_places
from pipelines.places import osm_objects
from pipelines.places import own as places_import
from pipelines.places.osm import ATTRIBUTION, read_osm_places
from pipelines.places.osm_tags import TagTable, meaning, read_tag_table
from pipelines.places.own import point_of, read_own_places
from tests.where import ROOT

CATALOGUE = ROOT / "geodata" / "catalogue"
HEADER = "id,name,kind,type,country,lon,lat,source"
ROW = "lib-1,Stadtbücherei,place,library,DE,9.7956,50.9745,our own list"


@pytest.fixture(scope="module")
def settlements() -> pa.Table:
    return pyarrow.csv.read_csv(ROOT / "tests" / "fixtures" / "catalogue_settlements.csv")


@pytest.fixture(scope="module")
def mapping() -> TagTable:
    return read_tag_table(CATALOGUE)


def read(tmp_path, text, name="mine.csv", **options):
    path = tmp_path / name
    path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    return read_own_places(path, catalogue=CATALOGUE, **options)


def own(tmp_path, text, name="mine.csv", **options):
    return read(tmp_path, text, name, **options).table


def osm(tmp_path, data, name="extract.json"):
    path = tmp_path / name
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return read_osm_places(path, catalogue=CATALOGUE)


def feature(geometry, **properties):
    basics = {"id": "a", "name": "A", "kind": "place", "type": "library", "country": "DE"}
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": basics | {"source": "list"} | properties,
    }


def collection(*features, **more):
    return {"type": "FeatureCollection", "features": list(features), **more}


POINT = {"type": "Point", "coordinates": [9.7956, 50.9745]}


# ------------------------------------------------------------------ own places


def test_csv_with_only_the_required_columns(tmp_path, settlements):
    table = own(tmp_path, f"{HEADER}\n{ROW}\n", settlements=settlements)
    row = table.to_pylist()[0]
    assert (row["id"], row["type"], row["lon"], row["lat"]) == ("lib-1", "library", 9.7956, 50.9745)
    assert row["town"] is None
    assert row["level"] == []


def test_csv_with_optional_columns(tmp_path):
    text = f"{HEADER},level,public,year\n{ROW},micro;meso,partly,2025\n"
    row = own(tmp_path, text).to_pylist()[0]
    assert (row["level"], row["public"], row["year"]) == (["micro", "meso"], "partly", 2025)


def test_geojson_gives_the_same_row_as_csv(tmp_path):
    extra = {"level": ["micro", "meso"], "year": 2025}
    row = own(tmp_path, collection(feature(POINT, **extra)), "mine.geojson").to_pylist()[0]
    text = f"{HEADER},level,year\na,A,place,library,DE,9.7956,50.9745,list,micro;meso,2025\n"
    assert row == own(tmp_path, text).to_pylist()[0]


def test_a_polygon_gives_a_point_inside_it(tmp_path):
    # A U around an empty middle: its centroid lies outside of it.
    ring = [[9, 50], [12, 50], [12, 53], [11, 53], [11, 51], [10, 51], [10, 53], [9, 53], [9, 50]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    row = own(tmp_path, collection(feature(shape)), "mine.geojson").to_pylist()[0]
    inside_left = 9 <= row["lon"] <= 10 and 50 <= row["lat"] <= 53
    inside_right = 11 <= row["lon"] <= 12 and 50 <= row["lat"] <= 53
    inside_foot = 9 <= row["lon"] <= 12 and 50 <= row["lat"] <= 51
    assert inside_left or inside_right or inside_foot


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (("library", "pubs"), ["row 2", "field type", "'pubs'", "cafe_pub"]),
        (("DE", "GR"), ["row 2", "field country", "'GR'", "EL"]),
        (("9.7956", "9,7956"), ["wrong number of fields"]),
        (("9.7956", ""), ["field lon", "cell is empty"]),
        (("50.9745", "5.0"), ["field lat", "outside Europe"]),
        (("Stadtbücherei", "=cmd()"), ["field name", "formula"]),
        (("Stadtbücherei", "<img src=x>"), ["field name", "script or HTML"]),
        (("our own list", ""), ["field source", "cell is empty"]),
        (("lib-1,", '"lib-1'), ["broken CSV quoting"]),
    ],
)
def test_bad_csv(tmp_path, change, parts):
    with pytest.raises(InputError) as caught:
        own(tmp_path, f"{HEADER}\n{ROW.replace(*change, 1)}\n")
    for part in ["mine.csv", *parts]:
        assert part in str(caught.value)


def test_a_missing_required_column(tmp_path):
    with pytest.raises(InputError, match="field source: column is missing"):
        own(tmp_path, "id,name,kind,type,country,lon,lat\n")


def test_further_columns_are_left_out_and_said(tmp_path):
    """QGIS writes fid, planners add phone numbers: cases F16."""
    result = read(tmp_path, f"fid,{HEADER},phone\n7,{ROW},0123\n")
    assert result.table.num_rows == 1
    assert "phone" not in result.table.column_names
    assert result.repairs == [
        "mine.csv: column 'fid' left out",
        "mine.csv: column 'phone' left out",
    ]
    data = collection(feature(POINT, fid=7, colour="red"))
    assert read(tmp_path, data, "a.geojson").repairs == [
        "a.geojson: column 'colour' left out",
        "a.geojson: column 'fid' left out",
    ]


def test_of_ten_thousand_further_columns_the_first_are_named(tmp_path):
    names = [f"c{n:05}" for n in range(10_000)]
    said = read(tmp_path, f"{HEADER},{','.join(names)}\n{ROW}{',1' * 10_000}\n").repairs
    assert said[0] == "mine.csv: column 'c00000' left out"
    assert len(said) == SHOWN_COLUMNS + 1
    assert said[-1] == f"mine.csv: {10_000 - SHOWN_COLUMNS:,} more columns left out"
    data = collection(feature(POINT, **dict.fromkeys(names, 1)))
    assert len(read(tmp_path, data, "a.geojson").repairs) == SHOWN_COLUMNS + 1


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [("\n", "100,000 empty rows left out"), ("a\n", "1,000 things to put right")],
)
def test_rows_of_nothing_take_no_room(tmp_path, lines, outcome):
    """9 MB of line ends took 1.5 GB, as much of rows of one letter more."""
    tracemalloc.start()
    try:
        said = str(read(tmp_path, f"{HEADER}\n{ROW}\n\n" + lines * 99_999).repairs)
    except InputError as error:
        said = str(error)
    finally:
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert outcome in said
    assert most < 5_000_000


def test_headings_in_capitals_and_other_words_for_coordinates(tmp_path):
    """What ``reach`` reads: cases F7."""
    header = HEADER.title().replace("Lon", "Longitude").replace("Lat", "LATITUDE")
    result = read(tmp_path, f"{header}\n{ROW}\n")
    assert result.table.equals(own(tmp_path, f"{HEADER}\n{ROW}\n"))
    assert "mine.csv: column 'LATITUDE' read as 'lat'" in result.repairs
    with pytest.raises(InputError, match="field lon: column stands twice"):
        own(tmp_path, f"{HEADER},Lon\n{ROW},9\n")
    twice = read(tmp_path, f"{HEADER},longitude\n{ROW},9\n")
    assert twice.repairs == ["mine.csv: column 'longitude' left out"]


def test_a_feature_s_own_id_stands_in_for_an_empty_one(tmp_path):
    """Cases F17."""
    for properties in ({"id": None}, {}):
        entry = feature(POINT) | {"id": "lib-7"}
        entry["properties"] = {k: v for k, v in entry["properties"].items() if k != "id"}
        entry["properties"] |= properties
        assert own(tmp_path, collection(entry), "a.geojson")["id"].to_pylist() == ["lib-7"]


def test_twenty_thousand_places_take_a_second_or_so(tmp_path, settlements):
    """Cases F1: 1.1 ms a row once, 200 000 rows in 9.5 MB 219 s of CPU."""
    rows = "\n".join(
        ROW.replace("lib-1", f"lib-{n}").replace("Stadt", f"S{n}-") for n in range(20_000)
    )
    started = time.process_time()
    assert own(tmp_path, f"{HEADER}\n{rows}\n", settlements=settlements).num_rows == 20_000
    assert time.process_time() - started < 5


@pytest.mark.parametrize("name", ["مكتبة", "ספרייה", "\u200fمكتبة\u200f"])
def test_names_from_right_to_left_are_kept_without_their_marks(tmp_path, name):
    plain = name.strip("\u200f")
    result = read(tmp_path, f"{HEADER}\n{ROW.replace('Stadtbücherei', name)}\n")
    assert result.table["name"].to_pylist() == [plain]
    assert bool(result.repairs) is (plain != name)
    element = NODE | {"tags": {"amenity": "library", "name": name}}
    assert osm(tmp_path, {"elements": [element]}).table["name"].to_pylist() == [plain]
    for override in ("a\u202eb", "a\u2067b"):  # these turn what stands behind them
        with pytest.raises(InputError, match="field name: control or invisible character"):
            own(tmp_path, f"{HEADER}\n{ROW.replace('Stadtbücherei', override)}\n")


def test_duplicates_and_country_are_checked_with_the_users_file_name(tmp_path, settlements):
    with pytest.raises(InputError, match=r"mine.csv, row 3, field id: duplicate"):
        own(tmp_path, f"{HEADER}\n{ROW}\n{ROW}\n")
    with pytest.raises(InputError, match="place outside its stated country"):
        own(tmp_path, f"{HEADER}\n{ROW.replace('DE', 'FR')}\n", settlements=settlements)


def test_many_findings_are_counted_and_cut(tmp_path):
    rows = [ROW.replace("lib-1", f"l-{i}").replace("9.7956", f"9.{i + 100}") for i in range(80)]
    bad = "\n".join(row.replace("library", "pubs") for row in rows)
    with pytest.raises(InputError) as caught:
        own(tmp_path, f"{HEADER}\n{bad}\n")
    assert "80 things to put right" in str(caught.value)
    assert str(caught.value).splitlines()[-1] == "… and 30 more"


@pytest.mark.parametrize(
    ("data", "name", "part"),
    [
        ("{", "a.geojson", "line 1, column 2: not JSON"),
        ("[]", "a.geojson", "allowed: a JSON object"),
        ("<OGRVRTDataSource/>", "a.geojson", "not JSON"),
        ('{"a": NaN}', "a.geojson", "NaN"),
        ("[" * 200_000, "a.geojson", "not JSON"),
        ({"type": "Feature"}, "a.geojson", "allowed: a FeatureCollection"),
        (collection(feature(None)), "a.geojson", "field geometry"),
        (collection(feature({"type": "LineString", "coordinates": []})), "a.json", "LineString"),
        (collection(feature({"type": "Point", "coordinates": []})), "a.json", "geometry"),
        (collection(feature({"type": "Point", "coordinates": ["x", 1]})), "a.json", "geometry"),
        (collection(feature({"type": "Point", "coordinates": [50000, 1]})), "a.json", "degrees"),
        (collection({"type": "Feature"}), "a.json", "without properties"),
        (collection(feature(POINT, type=["library"], level=[1])), "a.json", "field level"),
        (collection(crs={"properties": {"name": "urn:ogc:def:crs:EPSG::3035"}}), "a.json", "CRS84"),
        (collection(crs={"properties": 1}), "a.json", "CRS84"),
        ("id", "a.xls", "allowed: .csv, .tsv, .txt, .geojson, .json"),
    ],
)
def test_bad_geojson_and_kinds(tmp_path, data, name, part):
    with pytest.raises(InputError) as caught:
        own(tmp_path, data, name)
    assert part in str(caught.value)


def test_size_caps(tmp_path, monkeypatch):
    path = tmp_path / "big.json"
    path.write_bytes(b" " * 2000)
    with pytest.raises(InputError, match="2000 bytes; allowed: up to 1000"):
        geojson.read_document(path, 1000)
    monkeypatch.setattr(places_import, "MAX_PLACES", 1)
    with pytest.raises(InputError, match="2 places; allowed: up to 1"):
        own(tmp_path, f"{HEADER}\n{ROW}\n{ROW.replace('lib-1', 'lib-2')}\n")
    monkeypatch.setattr(geojson, "MAX_VERTICES", 3)
    square = {"type": "Polygon", "coordinates": [[[9, 50], [10, 50], [10, 51], [9, 50]]]}
    with pytest.raises(ValueError, match="more than 3 vertices"):
        point_of(square)
    with pytest.raises(InputError, match="no such file"):
        geojson.read_document(tmp_path / "none.json", 1000)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["Point", "Polygon", "MultiPolygon"]), json_values)
def test_any_coordinates_give_a_point_or_a_value_error(kind, coordinates):
    try:
        lon, lat = point_of({"type": kind, "coordinates": coordinates})
    except ValueError:
        return
    assert abs(lon) <= 180
    assert abs(lat) <= 90


# --------------------------------------------------------------- OpenStreetMap

NODE = {"type": "node", "id": 5, "lat": 50.97, "lon": 9.79}


def test_overpass_positions_of_nodes_ways_and_relations(tmp_path):
    library = {"amenity": "library", "name": "Bücherei"}
    corners = [{"lat": 50.0, "lon": 9.0}, {"lat": 51.0, "lon": 10.0}]
    elements = [
        NODE | {"tags": library},
        {"type": "way", "id": 7, "center": {"lat": 50.6, "lon": 9.5}, "tags": library},
        {"type": "way", "id": 8, "geometry": corners, "tags": library},
        {"type": "way", "id": 9, "nodes": [101, 102], "tags": library},
        {"type": "node", "id": 101, "lat": 50.0, "lon": 9.0},
        {"type": "node", "id": 102, "lat": 50.2, "lon": 9.4},
        {
            "type": "relation",
            "id": 10,
            "bounds": {"minlat": 50.0, "maxlat": 50.4, "minlon": 9.0, "maxlon": 9.2},
            "tags": library,
        },
        {"type": "way", "id": 11, "tags": library},
    ]
    result = osm(tmp_path, {"version": 0.6, "elements": elements})
    found = {(r["osm_type"], r["osm_id"]): (r["lon"], r["lat"]) for r in result.table.to_pylist()}
    assert found == {
        ("node", 5): (9.79, 50.97),
        ("way", 7): (9.5, 50.6),
        ("way", 8): (9.5, 50.5),
        ("way", 9): (pytest.approx(9.2), pytest.approx(50.1)),
        ("relation", 10): (pytest.approx(9.1), pytest.approx(50.2)),
    }
    assert result.left_out == {"no position": 1}


def test_the_table_carries_its_licence_and_stays_apart(tmp_path):
    result = osm(tmp_path, {"elements": []})
    assert result.table.schema.metadata[b"attribution"].decode() == ATTRIBUTION
    assert "ODbL" in ATTRIBUTION
    assert "OpenStreetMap contributors" in ATTRIBUTION
    assert "document" not in result.table.column_names


@pytest.mark.parametrize(
    ("tags", "kind", "tag"),
    [
        ({"amenity": "library"}, "library", "amenity=library"),
        (
            {"amenity": "community_centre", "community_centre": "youth_centre"},
            "youth_centre",
            "community_centre=youth_centre",
        ),
        ({"amenity": "community_centre"}, "community_centre", "amenity=community_centre"),
        ({"amenity": "bar;library"}, "pub", "amenity=bar"),
        ({"club": "chess", "building": "yes"}, "club_house", "club=chess"),
        ({"place": "square", "leisure": "park"}, "park", "leisure=park"),
    ],
)
def test_mapping_of_tags(mapping, tags, kind, tag):
    for order in (list(tags), list(reversed(tags))):
        decided = meaning({key: tags[key] for key in order}, mapping)
        assert (decided.types[0], decided.tag) == (kind, tag)


@pytest.mark.parametrize("tags", [{}, {"amenity": "bench"}, {"club": "no"}, {"shop": "library"}])
def test_tags_that_are_no_place(mapping, tags):
    assert meaning(tags, mapping) is None


def test_what_is_left_out_is_counted(tmp_path):
    park = {"leisure": "park"}
    elements = [
        NODE | {"tags": park | {"access": "private"}},
        NODE | {"id": 6, "tags": {"amenity": "bench"}},
        NODE | {"id": 7, "lon": -73.9, "tags": park},
        NODE | {"id": 8, "tags": park},
        NODE | {"id": 8, "tags": park},
        NODE | {"id": "x", "tags": park},
        NODE | {"id": 2**70, "tags": park},
        {"type": "node", "id": [1], "lat": 1, "lon": 1},
        NODE | {"id": 9, "tags": {"leisure": ["park"], "access": {"a": 1}}},
        "nonsense",
    ]
    result = osm(tmp_path, {"elements": elements})
    assert result.table["osm_id"].to_pylist() == [8]
    assert result.left_out == {
        "closed to the public": 1,
        "no OpenStreetMap id": 2,
        "no mapped tag": 1,
        "outside Europe": 1,
        "stands twice": 1,
    }


@pytest.mark.parametrize("name", ["=1+1", "<script>x</script>", "a\u202eb", "x" * 300, "  "])
def test_an_unsafe_name_becomes_null(tmp_path, name):
    element = NODE | {"tags": {"amenity": "pub", "name": name}}
    assert osm(tmp_path, {"elements": [element]}).table["name"].to_pylist() == [None]


def test_geojson_of_overpass_turbo_and_osmium(tmp_path):
    data = collection(
        {
            "type": "Feature",
            "id": "node/1",
            "geometry": POINT,
            "properties": {"@id": "node/1", "amenity": "pub", "name": "Zur Post"},
        },
        {"type": "Feature", "id": "w22", "geometry": POINT, "properties": {"leisure": "park"}},
        {
            "type": "Feature",
            "geometry": POINT,
            "properties": {"@type": "relation", "@id": 3, "place": "square"},
        },
        {
            "type": "Feature",
            "geometry": POINT,
            "properties": {"id": 4, "type": "way", "tags": {"amenity": "townhall"}},
        },
        {"type": "Feature", "geometry": POINT, "properties": {"amenity": "pub"}},
        {"type": "Feature", "id": "node/9", "geometry": None, "properties": {"amenity": "pub"}},
    )
    result = osm(tmp_path, data, "extract.geojson")
    found = [(r["osm_type"], r["osm_id"], r["type"]) for r in result.table.to_pylist()]
    assert found == [
        ("node", 1, "pub"),
        ("relation", 3, "square"),
        ("way", 4, "town_hall"),
        ("way", 22, "park"),
    ]
    assert result.left_out == {"no OpenStreetMap id": 1, "no position": 1}


def test_areas_of_osmium_are_the_ways_and_relations_they_were_made_of(tmp_path):
    # osmium-tool, "Object IDs of areas": twice the way's, twice the relation's and one.
    ring = [[9, 50], [10, 50], [10, 51], [9, 50]]
    shape = {"type": "MultiPolygon", "coordinates": [[ring]]}
    data = collection(
        *(
            {"type": "Feature", "id": i, "geometry": shape, "properties": {"amenity": k}}
            for i, k in (("a246", "library"), ("a247", "pub"))
        )
    )
    result = osm(tmp_path, data, "extract.geojson")
    rows = {(r["osm_type"], r["osm_id"]) for r in result.table.to_pylist()}
    assert rows == {("way", 123), ("relation", 123)}


@pytest.mark.parametrize(
    ("data", "part"),
    [
        ({"remark": "runtime error: Query timed out", "elements": []}, "incomplete"),
        ({"rows": []}, "allowed: Overpass JSON"),
        ("<osm/>", "not JSON"),
    ],
)
def test_bad_extracts(tmp_path, data, part):
    with pytest.raises(InputError, match=part):
        osm(tmp_path, data)


def test_a_broken_mapping_is_refused(tmp_path):
    for name in ("schema.toml", "osm_tags.csv", "osm_types.csv"):
        (tmp_path / name).write_bytes((CATALOGUE / name).read_bytes())
    path = tmp_path / "osm_tags.csv"
    path.write_text(path.read_text(encoding="utf-8") + "20,amenity,library,pubs,open,a=b=c,\n")
    with pytest.raises(CheckFailed) as caught:
        read_tag_table(tmp_path)
    for part in ("no such type; found 'pubs'", "duplicate", "no condition; found 'a=b=c'"):
        assert part in str(caught.value)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(
                ["type", "id", "lat", "lon", "tags", "center", "bounds", "geometry", "nodes"]
            ),
            json_values,
            max_size=6,
        ),
        max_size=3,
    )
)
def test_any_elements_give_a_table(mapping, elements):
    found = list(osm_objects.of_overpass("x", {"elements": elements}))
    osm_places.collect(iter(found), mapping)


def test_an_extract_is_no_file_of_own_places(tmp_path):
    with pytest.raises(InputError, match=r"extract\.json: found an Overpass answer.*--osm"):
        own(tmp_path, {"version": 0.6, "elements": []}, "extract.json")

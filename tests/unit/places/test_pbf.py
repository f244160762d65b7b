"""Reading ``.osm.pbf``: objects, points, density of nodes, and files that are refused."""

from __future__ import annotations

import contextlib
import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.core.errors import InputError
from pipelines.core.paths import catalogue_dir
from pipelines.io.pbf import read_header
from pipelines.places.osm import collect
from pipelines.places.osm_tags import read_tag_table
from pipelines.places.pbf import READABLE, reading
from tests import pbf

LIBRARY = {"amenity": "library", "name": "Bücherei"}


@pytest.fixture(scope="module")
def table():
    return read_tag_table(catalogue_dir())


@pytest.fixture
def read(table, tmp_path):
    def run(path):
        read_header(path, READABLE)
        spill = tmp_path / "spill"
        with reading(path, table, spill) as content:
            cells, result = content.cells, collect(content.objects, table)
        assert not spill.exists()
        return cells, result

    return run


def test_nodes_ways_and_relations_get_the_points_of_their_outlines(read, tmp_path):
    square = [(1, 9.0, 50.0), (2, 9.2, 50.0), (3, 9.2, 50.2), (4, 9.0, 50.2)]
    nodes = [(n, x, y, {}) for n, x, y in square]
    nodes += [(5, 9.79, 50.97, LIBRARY), (6, 9.5, 50.5, {"amenity": "bench"})]
    ways = [
        (10, [1, 2, 3, 4, 1], LIBRARY | {"name": "Ring"}),
        (11, [1, 2], LIBRARY | {"name": "Line"}),
        (12, [1, 2, 3], {}),
        (13, [3, 4, 1], {}),
        (14, [99], LIBRARY | {"name": "Its nodes lie outside"}),
    ]
    multipolygon = {"type": "multipolygon", "amenity": "townhall"}
    outer = [("way", 12, "outer"), ("way", 13, "outer"), ("node", 6, "entrance")]
    site = [("node", 6, "")]
    relations = [(20, outer, multipolygon), (21, site, {"type": "site", "leisure": "park"})]
    path = pbf.write(tmp_path / "a.osm.pbf", pbf.data(nodes), pbf.data((), ways, relations))
    cells, result = read(path)
    points = {
        (r["osm_type"], r["osm_id"]): (r["type"], r["lon"], r["lat"])
        for r in result.table.to_pylist()
    }
    # The middle of a square of 0.2 degrees, and of its southern side.
    assert points == {
        ("node", 5): ("library", 9.79, 50.97),
        ("way", 10): ("library", pytest.approx(9.1), pytest.approx(50.1)),
        ("way", 11): ("library", pytest.approx(9.1), pytest.approx(50.0)),
        ("relation", 20): ("town_hall", pytest.approx(9.1), pytest.approx(50.1)),
        ("relation", 21): ("park", 9.5, 50.5),
    }
    assert result.left_out == {"no position": 1}
    assert sum(cells["nodes"].to_pylist()) == 6
    assert {"x": 979, "y": 5097, "nodes": 1} in cells.to_pylist()


def test_a_way_that_crosses_itself_gets_a_point_at_once(read, tmp_path):
    """Its 300 corners cross some 15,000 times: to compute each took 13 seconds of processor."""
    chance = random.Random(1)
    nodes = [(n, 9 + chance.random(), 50 + chance.random(), {}) for n in range(1, 301)]
    ways = [(10, [*range(1, 301), 1], LIBRARY)]
    path = pbf.write(tmp_path / "a.osm.pbf", pbf.data(nodes), pbf.data((), ways))
    started = time.process_time()
    _, result = read(path)
    assert time.process_time() - started < 3
    (place,) = result.table.to_pylist()
    assert 9 < place["lon"] < 10
    assert 50 < place["lat"] < 51


def test_cells_west_of_greenwich_and_south_of_the_equator_are_floored(read, tmp_path):
    nodes = [(1, -0.005, 51.0001, LIBRARY), (2, 0.005, -0.001, {})]
    cells, _ = read(pbf.write(tmp_path / "a.osm.pbf", pbf.data(nodes)))
    assert cells.to_pylist() == [
        {"x": -1, "y": 5100, "nodes": 1},
        {"x": 0, "y": -1, "nodes": 1},
    ]


def test_several_values_conditions_and_closed_places(read, tmp_path):
    tags = [
        {"amenity": "cafe; library"},
        {"leisure": "garden"},
        {"leisure": "garden", "access": "yes"},
        {"leisure": "swimming_pool"},
        {"amenity": "library", "disused": "yes"},
        {"disused:amenity": "library"},
        {"amenity": "pub", "access": "private"},
        {"club": "sport"},
        {"club": "sport", "building": "yes"},
        {"amenity": "pub", "opening_hours": "closed"},
    ]
    nodes = [(n, 9 + n / 10, 50.0, t) for n, t in enumerate(tags, 1)]
    _, result = read(pbf.write(tmp_path / "a.osm.pbf", pbf.data(nodes)))
    assert {r["osm_id"]: r["types"] for r in result.table.to_pylist()} == {
        1: ["cafe", "library"],
        3: ["park"],
        9: ["club_house"],
    }
    assert result.left_out == {
        "closed for good": 2,
        "closed to the public": 1,
        "condition of the tag not met": 3,
    }


def test_objects_that_stand_twice_count_once(read, tmp_path):
    corners = [(1, 9.0, 50.0, {}), (2, 9.2, 50.0, {}), (3, 9.1, 50.2, {}), (4, 9.5, 50.5, LIBRARY)]
    ways = [(10, [1, 2], {}), (11, [2, 3, 1], {})]
    hall = {"type": "multipolygon", "amenity": "townhall"}
    relations = [(20, [("way", 10, "outer"), ("way", 11, "outer")], hall)]
    block = pbf.data(corners), pbf.data((), ways, relations)
    _, once = read(pbf.write(tmp_path / "once.osm.pbf", *block))
    _, twice = read(pbf.write(tmp_path / "twice.osm.pbf", *block, *block))
    assert twice.table.equals(once.table)
    assert (once.table.num_rows, twice.left_out) == (2, {"stands twice": 2})


def test_the_header_states_date_and_program(tmp_path):
    path = pbf.write(tmp_path / "a.osm.pbf", pbf.data([(1, 9.0, 50.0, LIBRARY)]))
    header = read_header(path)
    assert header.snapshot is not None
    assert header.snapshot.isoformat() == "2024-03-04T21:21:35+00:00"  # 1 709 587 295 s
    assert header.program == "tests"
    path = pbf.write(tmp_path / "b.osm.pbf", pbf.data([(1, 9.0, 50.0, LIBRARY)]), time=0)
    assert read_header(path).snapshot is None


DATA = pbf.data([(1, 9.0, 50.0, LIBRARY)])


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "the file is empty"),
        (b"<?xml version='1.0'?><osm></osm>" * 9, "is not OpenStreetMap PBF"),
        (bytes(random.Random(1).randbytes(5000)), "is not OpenStreetMap PBF"),
        (pbf.header(), "holds no data after its header"),
        (pbf.header() + DATA[:-5], "cut off after"),
        (pbf.header() + DATA + DATA[:2], "cut off after"),
        (pbf.header() + b"\0\0\0\x05\xff\xff\xff\xff\xff" + DATA, "damaged at byte"),
        (pbf.header() + pbf.data([(1, 9.0, 50.0, LIBRARY)], packing=6), "packed with lz4"),
        (pbf.header() + pbf.data([(1, 9.0, 50.0, LIBRARY)], packing=7), "packed with zstd"),
        (pbf.header() + pbf.data([(1, 9.0, 50.0, LIBRARY)], packing=1), "are not packed"),
        (pbf.header(["OsmSchema-V0.6", "HistoricalInformation"]) + DATA, "is a history"),
        (pbf.header(["OsmSchema-V0.6", "Sort.By.Colour"]) + DATA, "Sort.By.Colour"),
    ],
)
def test_files_that_cannot_be_read_are_refused_in_words(tmp_path, content, part):
    path = tmp_path / "x.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(InputError, match=part) as caught:
        read_header(path, READABLE)
    assert str(caught.value).startswith("x.osm.pbf: ")


def test_damage_inside_a_block_is_told(read, tmp_path):
    nodes = [(n, 9 + n / 1e4, 50.0, LIBRARY) for n in range(1, 500)]
    content = bytearray(pbf.header() + pbf.data(nodes))
    content[-40] ^= 0xFF
    path = tmp_path / "x.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"x\.osm\.pbf: the data inside the file is damaged"):
        read(path)


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=3))
def test_any_damage_is_refused_or_harmless(read, tmp_path, changes):
    nodes = [(n, 9 + n / 1e3, 50.0, LIBRARY) for n in range(1, 30)]
    ways = pbf.data((), [(1, [1, 2, 3, 1], LIBRARY)], [(2, [("way", 1, "outer")], LIBRARY)])
    content = bytearray(pbf.header() + pbf.data(nodes) + ways)
    for at, value in changes:
        content[at % len(content)] = value
    path = tmp_path / "x.osm.pbf"
    path.write_bytes(content)
    with contextlib.suppress(InputError):
        read(path)


def test_roads_alone_are_refused(read, tmp_path):
    nodes = [(n, 9 + n / 1e4, 50.0, {}) for n in range(1, 60)] + [(90, 9.0, 50.0, LIBRARY)]
    ways = [(n, [n, n + 1], {"highway": "residential"}) for n in range(1, 58)]
    path = pbf.write(tmp_path / "roads.osm.pbf", pbf.data(nodes), pbf.data((), ways))
    with pytest.raises(InputError, match="57 of its 57 ways are roads"):
        read(path)


def test_unsafe_names_are_left_empty(read, tmp_path):
    names = ["=1+1", "a\u202eb", "a\x07b", "Zum Löwen"]
    nodes = [(n, 9 + n / 10, 50.0, {"amenity": "pub", "name": t}) for n, t in enumerate(names, 1)]
    _, result = read(pbf.write(tmp_path / "a.osm.pbf", pbf.data(nodes)))
    assert result.table["name"].to_pylist() == [None, None, None, "Zum Löwen"]


# --------------------------------------------------------------- real extracts

# Objects with a mapped tag that meets its condition, as a reading by pyosmium counted them.
REAL = {"liechtenstein": 1125, "andorra": 1437, "malta": 5667, "monaco-planetiler": 555}
NOT_COUNTED = {"condition of the tag not met", "closed to the public", "closed for good"}


@pytest.mark.parametrize(("name", "objects"), [*REAL.items(), ("Helsinki", 858)])
def test_real_extracts_give_the_objects_of_an_independent_reader(read, shared_data, name, objects):
    path = shared_data / "osm" / f"{name}.osm.pbf"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    _, result = read(path)
    merged = sum(n for why, n in result.left_out.items() if why not in NOT_COUNTED)
    assert result.table.num_rows + merged == pytest.approx(objects, rel=0.02)


def test_a_real_file_of_roads_and_one_in_lz4_are_refused(read, shared_data):
    for name, part in (("porto", "ways are roads"), ("monaco-lz4", "packed with lz4")):
        path = shared_data / "osm" / f"{name}.osm.pbf"
        if not path.is_file():
            pytest.skip(f"{path} is not there")
        with pytest.raises(InputError, match=part):
            read(path)

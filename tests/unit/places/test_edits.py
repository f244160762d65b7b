"""Days of last edits: from the blocks of an extract, and from what other tools state."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import numpy as np
import pyogrio
import pytest

from pipelines.core.errors import InputError
from pipelines.places.edits import last_edits
from pipelines.places.osm import read_osm_places
from pipelines.places.osm_set import NOT_READ, NOT_STATED, READ, edits_of, read_extract
from tests import pbf

LIBRARY = {"amenity": "library"}
# 1 700 000 000 s after 1970 began: 2023-11-14, 22:13:20; a day more each.
T, DAY = 1_700_000_000, 86_400
DAYS = [datetime.date(2023, 11, 14) + datetime.timedelta(days=n) for n in range(4)]
NODES = [(n, 9 + n / 10, 50.0, LIBRARY) for n in (3, 5, 8)]
WAYS = [(10, [3, 5], {"amenity": "pub"}), (11, [5, 8], {})]
RELATIONS = [(20, [("way", 11, "outer")], {"leisure": "park"})]
EDITS = {
    ("node", 3): T,
    ("node", 5): T + 2 * DAY,
    ("node", 8): T + DAY,
    ("way", 10): T + 3 * DAY,
    ("way", 11): T,
    ("relation", 20): T + DAY,
}


def ids(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def test_each_kind_of_object_has_its_day(tmp_path: Path) -> None:
    blocks = pbf.data(NODES, edits=EDITS), pbf.data((), WAYS, RELATIONS, edits=EDITS)
    path = pbf.write(tmp_path / "a.osm.pbf", *blocks)
    wanted = {"node": ids(5, 8, 99), "way": ids(10), "relation": ids(20, 21)}
    assert last_edits(path, wanted) == {
        "node": [DAYS[2], DAYS[1], None],
        "way": [DAYS[3]],
        "relation": [DAYS[1], None],
    }
    assert last_edits(path, {"way": ids(11)}) == {"way": [DAYS[0]]}
    read, _ = read_extract(path, edits=True)
    rows = {(r["osm_type"], r["osm_id"]): r["edited"] for r in read.table.to_pylist()}
    assert rows["node", 3] == "2023-11-14"
    assert rows["way", 10] == "2023-11-17"
    assert rows["relation", 20] == "2023-11-15"
    assert edits_of(read.table, True) == READ
    unread, _ = read_extract(path)
    assert unread.table["edited"].null_count == unread.table.num_rows
    assert edits_of(unread.table, False) == NOT_READ


def test_without_metadata_it_says_so(tmp_path: Path) -> None:
    path = pbf.write(tmp_path / "a.osm.pbf", pbf.data(NODES, WAYS, RELATIONS))
    assert last_edits(path, {"node": ids(3), "way": ids(10)}) == {"node": [None], "way": [None]}
    read, _ = read_extract(path, edits=True)
    assert edits_of(read.table, True) == NOT_STATED


def test_nodes_that_are_not_dense_and_units_of_time(tmp_path: Path) -> None:
    """A block may state a unit of time: here of 60 000 milliseconds; node 7 stands by itself."""
    info = pbf.content(4, pbf.number(2, T // 60))
    node = pbf.number(1, pbf.zigzag(7)) + info + pbf.number(8, 0) + pbf.number(9, 0)
    strings = pbf.Strings().encode()
    body = strings + pbf.content(2, pbf.content(1, node)) + pbf.number(18, 60_000)
    path = pbf.write(tmp_path / "a.osm.pbf", pbf.block("OSMData", body))
    assert last_edits(path, {"node": ids(7)}) == {"node": [DAYS[0]]}


def test_damage_is_told(tmp_path: Path) -> None:
    broken = pbf.block("OSMData", pbf.content(2, pbf.content(2, pbf.content(1, b"\xff" * 12))))
    path = pbf.write(tmp_path / "a.osm.pbf", broken)
    assert last_edits(path, {"node": ids(1)}) == {"node": [None]}  # a number that never ends
    broken = pbf.block("OSMData", pbf.content(2, b"\x12\xff"))
    path = pbf.write(tmp_path / "b.osm.pbf", broken)
    with pytest.raises(InputError, match=r"b\.osm\.pbf: the data inside the file is damaged"):
        last_edits(path, {"node": ids(1)})


STATED = {
    "osmium, GDAL": ({"@timestamp": "2023-11-14T22:13:20Z"}, "2023-11-14"),
    "osmium, seconds": ({"@timestamp": T}, "2023-11-14"),
    "GDAL": ({"osm_timestamp": "2023/11/14 22:13:20+00"}, "2023-11-14"),
    "HOT": ({"timestamp": "2023-11-14T22:13:20"}, "2023-11-14"),
    "osmtogeojson": ({"meta": {"timestamp": "2023-11-14T22:13:20Z"}}, "2023-11-14"),
    "none": ({}, None),
    "nonsense": ({"@timestamp": "0000-13-45"}, None),
    "before there was a map": ({"@timestamp": "1970-01-01"}, None),
}


@pytest.mark.parametrize("tool", list(STATED))
def test_what_other_tools_state(tmp_path: Path, tool: str) -> None:
    properties, day = STATED[tool]
    point = {"type": "Point", "coordinates": [9.0, 50.0]}
    feature = {"type": "Feature", "id": "node/1", "geometry": point}
    collection = {
        "type": "FeatureCollection",
        "features": [{**feature, "properties": LIBRARY | properties}],
    }
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(collection), "utf-8")
    assert read_osm_places(path).table["edited"].to_pylist() == [day]


def test_overpass_with_meta_and_a_place_drawn_twice(tmp_path: Path) -> None:
    """The later of two days stands where a node and its building are one place."""
    corner = {"lat": 50.0, "lon": 9.0}, {"lat": 50.001, "lon": 9.001}
    elements = [
        {
            "type": "node",
            "id": 1,
            "lat": 50.0005,
            "lon": 9.0005,
            "timestamp": "2024-02-01T00:00:00Z",
        },
        {"type": "way", "id": 2, "geometry": list(corner), "timestamp": "2020-02-01T00:00:00Z"},
    ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"elements": [e | {"tags": LIBRARY} for e in elements]}), "utf-8")
    rows = read_osm_places(path).table.to_pylist()
    assert [(r["osm_type"], r["edited"]) for r in rows] == [("way", "2024-02-01")]


@pytest.mark.parametrize("name", ["monaco-planetiler", "liechtenstein"])
def test_real_days_are_those_that_gdal_reads(shared_data: Path, tmp_path: Path, name: str) -> None:
    path = shared_data / "osm" / f"{name}.osm.pbf"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    configured = tmp_path / "osmconf.ini"
    layers = ("points", "multipolygons")
    configured.write_text(
        "closed_ways_are_polygons=amenity,leisure,shop,building\n"
        + "".join(f"[{layer}]\nosm_id=yes\nosm_timestamp=yes\n" for layer in layers),
        "utf-8",
    )
    truth: dict[tuple[str, int], str] = {}
    pyogrio.set_gdal_config_options({"OSM_CONFIG_FILE": str(configured)})
    try:
        for layer in layers:
            frame = pyogrio.read_dataframe(path, layer=layer, read_geometry=False)
            kinds = {"points": [("osm_id", "node")]}.get(
                layer, [("osm_id", "relation"), ("osm_way_id", "way")]
            )
            for column, kind in kinds:
                known = frame[frame[column].notna()]
                days = known["osm_timestamp"].astype(str).str[:10]
                truth |= {
                    (kind, int(key)): day for key, day in zip(known[column], days, strict=True)
                }
    finally:
        pyogrio.set_gdal_config_options({"OSM_CONFIG_FILE": None})
    read, _ = read_extract(path, edits=True)
    stated = {(r["osm_type"], r["osm_id"]): r["edited"] for r in read.table.to_pylist()}
    both = stated.keys() & truth.keys()
    assert len(both) > 0.8 * len(stated)
    assert {key: stated[key] for key in both} == {key: truth[key] for key in both}

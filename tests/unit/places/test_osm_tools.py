"""Extracts as the programs write them that planners use: ids, tags and points of each.

Every file holds the same three places. The shapes are those of the programs' own documentation
and sources (named at each); GDAL's are written by GDAL itself.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pyogrio
import pytest

from pipelines.core.errors import InputError
from pipelines.places.osm import read_osm_places

LIBRARY = {"amenity": "library", "name": 'Bücherei "Alte Post"'}
HALL = {"amenity": "townhall", "name": "Rathaus"}
PARK = {"leisure": "park", "name": "Stadtpark"}
BOUNDS = {"minlat": 49, "maxlat": 52, "minlon": 8, "maxlon": 11}
PLACES = {("node", 1): LIBRARY, ("way", 123): HALL, ("relation", 7): PARK}
RING = [[9.0, 50.0], [9.2, 50.0], [9.2, 50.2], [9.0, 50.2], [9.0, 50.0]]
SHAPES: dict[str, dict[str, Any]] = {
    "node": {"type": "Point", "coordinates": [9.79, 50.97]},
    "way": {"type": "Polygon", "coordinates": [RING]},
    "relation": {"type": "MultiPolygon", "coordinates": [[RING]]},
}


def feature(kind: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": SHAPES[kind], "properties": properties, **more}


def collection(features: list[dict[str, Any]]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features})


def overpass_turbo_raw() -> str:
    """Its default query: ``out body; >; out skel qt;`` (wiki: Overpass turbo)."""
    nodes = [
        {"type": "node", "id": 10 + n, "lon": x, "lat": y} for n, (x, y) in enumerate(RING[:4])
    ]
    elements = [
        {"type": "node", "id": 1, "lon": 9.79, "lat": 50.97, "tags": LIBRARY},
        {"type": "way", "id": 123, "nodes": [10, 11, 12, 13, 10], "tags": HALL},
        {
            "type": "relation",
            "id": 7,
            "members": [{"type": "way", "ref": 5, "role": "outer"}],
            "tags": PARK | {"type": "multipolygon"},
        },
        *nodes,
        {"type": "way", "id": 5, "nodes": [10, 11, 12, 13, 10]},
    ]
    facts = {"timestamp_osm_base": "2024-03-04T21:21:35Z", "copyright": "ODbL"}
    return json.dumps({"version": 0.6, "osm3s": facts, "elements": elements})


def overpass_turbo_geojson() -> str:
    """Osmtogeojson with flat properties: ids as ``way/123`` and ``@id``."""
    return collection(
        [
            feature(kind, {"@id": f"{kind}/{n}", **tags}, id=f"{kind}/{n}")
            for (kind, n), tags in PLACES.items()
        ]
    )


def osmtogeojson() -> str:
    """Osmtogeojson by itself: tags in an object beside type, id and meta."""
    return collection(
        [
            feature(
                kind,
                {"type": kind, "id": n, "tags": tags, "relations": [], "meta": {}},
                id=f"{kind}/{n}",
            )
            for (kind, n), tags in PLACES.items()
        ]
    )


def osmium_features() -> list[dict[str, Any]]:
    """osmium-export(1), ``-u type_id``: nodes ``n1``, areas twice the way's or relation's id."""
    names = {("node", 1): "n1", ("way", 123): "a246", ("relation", 7): "a15"}
    shapes = {("way", 123): SHAPES["relation"]}
    return [
        {
            "type": "Feature",
            "id": name,
            "geometry": shapes.get(key, SHAPES[key[0]]),
            "properties": PLACES[key],
        }
        for key, name in names.items()
    ]


def osmium_attributes() -> str:
    """The same, ``-a type,id``: columns ``@type`` and ``@id``; areas keep the object's own."""
    return collection(
        [feature(kind, {"@type": kind, "@id": n, **tags}) for (kind, n), tags in PLACES.items()]
    )


def osmium_sequence(separator: str = "\x1e") -> str:
    """The same, ``-f geojsonseq``: a record separator before each feature (RFC 8142)."""
    return "".join(f"{separator}{json.dumps(f)}\n" for f in osmium_features())


def quickosm() -> str:
    """QuickOSM: ``full_id``, ``osm_id`` as text, ``osm_type``; tags that are not set are null."""
    keys = {key for tags in PLACES.values() for key in tags}
    return collection(
        [
            feature(
                kind,
                {"full_id": f"{kind[0]}{n}", "osm_id": str(n), "osm_type": kind}
                | dict.fromkeys(keys)
                | tags,
            )
            for (kind, n), tags in PLACES.items()
        ]
    )


def osmnx(one: str = "element", other: str = "id") -> str:
    """OSMnx 2: the index ``element, id``; OSMnx 1: ``element_type, osmid``."""
    return collection(
        [
            feature(kind, {one: kind, other: n, **tags}, id=str(row))
            for row, ((kind, n), tags) in enumerate(PLACES.items())
        ]
    )


def osmnx_index() -> str:
    """OSMnx by ``GeoDataFrame.to_json``: the pair of the index as text."""
    return collection([feature(k, tags, id=f"('{k}', {n})") for (k, n), tags in PLACES.items()])


def hot_export() -> str:
    """HOT's export tool: kinds ``nodes``, ``ways_poly``, ``relations``."""
    kinds = {"node": "nodes", "way": "ways_poly", "relation": "relations"}
    return collection(
        [
            feature(kind, {"osm_id": n, "osm_type": kinds[kind], **tags})
            for (kind, n), tags in PLACES.items()
        ]
    )


def hot_raw_data() -> str:
    """HOT's raw-data-api: tags in a column of their own."""
    kinds = {"node": "nodes", "way": "ways_poly", "relation": "relations"}
    return collection(
        [
            feature(kind, {"osm_id": n, "tags": tags, "osm_type": kinds[kind]})
            for (kind, n), tags in PLACES.items()
        ]
    )


TOOLS = {
    "overpass turbo, raw": (overpass_turbo_raw(), "a.json"),
    "overpass turbo, GeoJSON": (overpass_turbo_geojson(), "a.geojson"),
    "osmtogeojson": (osmtogeojson(), "a.geojson"),
    "osmium -u type_id": (collection(osmium_features()), "a.geojson"),
    "osmium -a type,id": (osmium_attributes(), "a.geojson"),
    "osmium -f geojsonseq": (osmium_sequence(), "a.geojsonseq"),
    "osmium without separators": (osmium_sequence(""), "a.json"),
    "QuickOSM": (quickosm(), "a.geojson"),
    "OSMnx 2": (osmnx(), "a.geojson"),
    "OSMnx 1": (osmnx("element_type", "osmid"), "a.geojson"),
    "OSMnx, to_json": (osmnx_index(), "a.geojson"),
    "HOT export": (hot_export(), "a.geojson"),
    "HOT raw-data-api": (hot_raw_data(), "a.geojson"),
}


def read(folder: Path, text: str, name: str) -> dict[tuple[str, int], tuple[Any, ...]]:
    path = folder / name
    path.write_text(text, "utf-8")
    result = read_osm_places(path)
    assert result.left_out == {}
    return {
        (row["osm_type"], row["osm_id"]): (row["type"], row["name"], row["lon"], row["lat"])
        for row in result.table.to_pylist()
    }


@pytest.mark.parametrize("tool", list(TOOLS))
def test_the_three_places_are_read_from_each_tool(tmp_path: Path, tool: str) -> None:
    rows = read(tmp_path, *TOOLS[tool])
    assert {key: row[:2] for key, row in rows.items()} == {
        ("node", 1): ("library", LIBRARY["name"]),
        ("way", 123): ("town_hall", "Rathaus"),
        ("relation", 7): ("park", "Stadtpark"),
    }
    assert rows["node", 1][2:] == (9.79, 50.97)
    for key in (("way", 123), ("relation", 7)):  # the middle of a square of 0.2 degrees
        assert rows[key][2:] == (pytest.approx(9.1), pytest.approx(50.1))


def xml(tags: dict[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())


def way(key: int, refs: list[int], tags: dict[str, str]) -> str:
    nodes = "".join(f'<nd ref="{ref}"/>' for ref in refs)
    return f'<way id="{key}">{nodes}{xml(tags)}</way>'


@pytest.mark.parametrize("tags_format", ["hstore", "json"])
@pytest.mark.parametrize("driver", ["GeoJSON", "GeoJSONSeq"])
def test_what_gdal_writes_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, driver: str, tags_format: str
) -> None:
    """``ogr2ogr`` of each layer of an extract, by GDAL's own drivers."""
    corners = "".join(
        f'<node id="{10 + n}" lon="{x}" lat="{y}"/>' for n, (x, y) in enumerate(RING[:4])
    )
    square = {"highway": "pedestrian", "area": "yes", "name": "Kirchplatz"}
    path = tmp_path / "a.osm"
    path.write_text(
        '<osm version="0.6">'
        f'<node id="1" lon="9.79" lat="50.97">{xml(LIBRARY)}</node>{corners}'
        f"{way(5, [10, 11, 12], {})}{way(6, [12, 13, 10], {})}{way(20, [10, 11], square)}"
        f"{way(123, [10, 11, 12, 13, 10], HALL)}"
        f'<relation id="7"><member type="way" ref="5" role="outer"/>'
        f'<member type="way" ref="6" role="outer"/>{xml(PARK | {"type": "multipolygon"})}'
        f'</relation><relation id="8"><member type="node" ref="1" role=""/>'
        f"{xml({'type': 'site', 'amenity': 'marketplace'})}</relation></osm>",
        "utf-8",
    )
    configured = tmp_path / "osmconf.ini"
    layers = ("points", "lines", "multipolygons", "multilinestrings", "other_relations")
    configured.write_text(
        f"closed_ways_are_polygons=amenity,leisure\ntags_format={tags_format}\n"
        + "".join(f"[{x}]\nosm_id=yes\nattributes=name,highway\nother_tags=yes\n" for x in layers),
        "utf-8",
    )
    pyogrio.set_gdal_config_options({"OSM_CONFIG_FILE": str(configured)})
    try:
        rows: dict[tuple[str, int], tuple[Any, ...]] = {}
        for layer in layers:
            frame = pyogrio.read_dataframe(path, layer=layer)
            if frame.empty:
                continue
            target = tmp_path / f"{layer}-{driver}.geojson"
            pyogrio.write_dataframe(frame, target, driver=driver)
            rows |= read(tmp_path, target.read_text("utf-8"), target.name)
    finally:
        pyogrio.set_gdal_config_options({"OSM_CONFIG_FILE": None})
    assert {key: row[0] for key, row in rows.items()} == {
        ("node", 1): "library",
        ("way", 20): "square",
        ("way", 123): "town_hall",
        ("relation", 7): "park",
        ("relation", 8): "market",
    }
    assert rows["node", 1][1] == LIBRARY["name"]
    assert rows["relation", 8][2:] == (9.79, 50.97)
    assert rows["way", 20][2:] == (pytest.approx(9.1), pytest.approx(50.0))


def test_a_way_named_a_hundred_thousand_times_is_measured_once(tmp_path: Path) -> None:
    """14 MB of relations that name one way again and again took minutes and all memory."""
    way = {"type": "way", "id": 5, "nodes": list(range(1, 1001))}
    nodes = [
        {"type": "node", "id": n, "lon": 9 + n / 10_000, "lat": 50 + n / 10_000}
        for n in range(1, 1001)
    ]
    members = [{"type": "way", "ref": 5, "role": "outer"}] * 100_000
    park = {"type": "relation", "id": 7, "members": members, "tags": PARK}
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"elements": [park, way, *nodes]}))
    started = time.process_time()
    (row,) = read_osm_places(path).table.to_pylist()
    assert time.process_time() - started < 5
    # The middle of 9.0001 to 9.1 and of 50.0001 to 50.1.
    assert (row["lon"], row["lat"]) == (pytest.approx(9.05005), pytest.approx(50.05005))


@pytest.mark.parametrize("how", ["on one spot", "within large areas"])
def test_places_that_lie_on_one_another_are_not_compared(how: str, tmp_path: Path) -> None:
    """9 MB of libraries at one point: five thousand million pairs took all memory.

    7 000 on one spot are 24 million pairs; of 7 000 in each of 3 000 areas 21 million.
    """
    is_apart = how != "on one spot"
    library = {"lat": 50.5, "tags": {"amenity": "library"}}
    elements = [
        library | {"type": "node", "id": n, "lon": 9 + n / 5_000 * is_apart} for n in range(7_000)
    ]
    if is_apart:
        elements += [
            library | {"type": "way", "id": n, "lon": 9 + n / 3_000, "bounds": BOUNDS}
            for n in range(3_000)
        ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"elements": elements}))
    started = time.process_time()
    with pytest.raises(InputError, match="pairs of objects of the type library lie on one another"):
        read_osm_places(path)
    assert time.process_time() - started < 10


def test_osmium_without_ids_is_told_how_to_write_them(tmp_path: Path) -> None:
    bare = [{**f, "id": None} for f in osmium_features()]
    (tmp_path / "a.geojson").write_text(collection(bare), "utf-8")
    assert read_osm_places(tmp_path / "a.geojson").left_out == {"no OpenStreetMap id": 3}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('\x1e{"type":"Feature"\n', "feature 1 of the sequence: is not JSON"),
        ('\x1e{"type":"Point"}\n', "feature 1 of the sequence: type is 'Point'"),
        ('x\x1e{"type":"Feature"}', "text before the first record"),
        ('{"type":"Feature","properties":{}}\n{"type":"Feat', "feature 2 of the sequence"),
        ('{"type":"Feature","properties":{}}\n[1]', "is not JSON"),
    ],
)
def test_a_damaged_sequence_is_told(tmp_path: Path, text: str, part: str) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=part):
        read_osm_places(path)

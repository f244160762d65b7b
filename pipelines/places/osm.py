"""Social places from an OpenStreetMap extract, in a table of their own.

OpenStreetMap data is under the ODbL: a data base made from it must be shared
alike, so these rows never enter the catalogue's tables. The mapping of tags to
our types is ``geodata/catalogue/osm_tags.csv``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.catalogue.cells import LATITUDES, LONGITUDES, CellError, safe_text
from pipelines.catalogue.rules import convert_sheet, duplicates
from pipelines.catalogue.schema import read_schema
from pipelines.core import paths
from pipelines.core.errors import InputError
from pipelines.core.findings import failure
from pipelines.io.sheets import read_sheet
from pipelines.places.own import check_crs, point_of, read_json

ATTRIBUTION = "© OpenStreetMap contributors, available under the Open Database Licence (ODbL) 1.0"
MAX_OSM_BYTES = 200_000_000
MAX_OSM_ID = 2**62
MAX_NAME_CHARACTERS = 200
CLOSED_ACCESS = frozenset({"private", "no", "residents", "permit"})
_LETTERS = {"n": "node", "w": "way", "r": "relation"}
SCHEMA = pa.schema(
    [
        ("osm_type", pa.string()),
        ("osm_id", pa.int64()),
        ("name", pa.string()),
        ("kind", pa.string()),
        ("type", pa.string()),
        ("tag", pa.string()),
        ("lon", pa.float64()),
        ("lat", pa.float64()),
    ],
    metadata={"attribution": ATTRIBUTION, "licence": "ODbL-1.0"},
)


@dataclass(frozen=True)
class OsmPlaces:
    """What an extract gave.

    Parameters
    ----------
    table : pyarrow.Table
        ``osm_type, osm_id, name, kind, type, tag`` (``key=value`` that decided), ``lon``,
        ``lat`` (EPSG:4326), one row an object, sorted by type and id; a missing or unsafe
        name is NULL.
    left_out : dict of str to int
        Objects that became no row, by reason.
    """

    table: pa.Table
    left_out: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Object:
    """An OSM object before its tags are read."""

    osm_type: str
    osm_id: int
    tags: dict[str, str]
    point: tuple[float, float] | None


def read_osm_places(path: Path, catalogue: Path | None = None) -> OsmPlaces:
    """Read an Overpass JSON or an OpenStreetMap GeoJSON.

    Parameters
    ----------
    path : Path
        Overpass ``[out:json]`` (with ``out center``, ``out geom`` or the nodes of the
        ways), or GeoJSON with OSM ids as osmium and overpass turbo write it.
    catalogue : Path, optional
        Folder of ``osm_tags.csv``; the project's own by default.

    Raises
    ------
    InputError
        The file is no such extract, is too large, or says that it is incomplete.
    CheckFailed
        ``osm_tags.csv`` breaks its rules.
    """
    mapping = read_mapping(catalogue or paths.catalogue_dir())
    data = read_json(path, MAX_OSM_BYTES)
    if isinstance(data.get("elements"), list):
        objects = _overpass(path, data)
    elif data.get("type") == "FeatureCollection" and isinstance(data.get("features"), list):
        check_crs(path, data)
        objects = _features(data["features"])
    else:
        keys = ", ".join(sorted(map(str, data))[:8])
        hint = "Overpass JSON with elements, or a GeoJSON FeatureCollection"
        raise InputError(f"{path}: found an object with {keys or 'no keys'}; allowed: {hint}")
    return _collect(objects, mapping)


def read_mapping(folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the mapping of (key, value) to its row in ``osm_tags.csv``."""
    schema = read_schema(folder)
    table = schema.tables["osm_tags"]
    sheet, findings = read_sheet(folder / table.file, list(table.columns))
    if sheet is not None:
        rows, faults = convert_sheet(sheet, table, schema)
        findings += [*faults, *duplicates(table, rows)]
    if findings:
        raise failure(findings)
    return {(row["key"], row["value"]): row.values for row in rows}


def match(tags: dict[str, str], mapping: dict[tuple[str, str], dict[str, Any]]) -> dict | None:
    """Return the mapping row that decides for an object, or None.

    The lowest priority number wins; among equals the first key and value by name, so
    the order of the tags does not matter. ``a;b`` counts as both values.
    """
    hits = []
    for key, value in tags.items():
        for part in str(value).split(";"):
            row = mapping.get((key, part.strip())) or mapping.get((key, "*"))
            if row is not None and part.strip() not in {"no", ""}:
                hits.append((row["priority"], key, part.strip(), row))
    if not hits:
        return None
    _, key, value, row = min(hits, key=lambda hit: hit[:3])
    return row | {"tag": f"{key}={value}"}


def _collect(objects: Iterator[_Object | str], mapping: dict) -> OsmPlaces:
    """Turn objects into the table and count what is left out."""
    rows: dict[tuple[str, int], dict] = {}
    left_out: Counter[str] = Counter()
    for item in objects:
        if isinstance(item, str):
            left_out[item] += 1
        elif (row := match(item.tags, mapping)) is None:
            left_out["no mapped tag"] += 1
        elif item.tags.get("access") in CLOSED_ACCESS:
            left_out["closed to the public"] += 1
        elif item.point is None:
            left_out["no position"] += 1
        elif not _in_europe(item.point):
            left_out["outside Europe"] += 1
        elif (item.osm_type, item.osm_id) in rows:
            left_out["stands twice"] += 1
        else:
            rows[item.osm_type, item.osm_id] = _row(item, row)
    ordered = [rows[key] for key in sorted(rows)]
    return OsmPlaces(pa.Table.from_pylist(ordered, schema=SCHEMA), dict(sorted(left_out.items())))


def _row(item: _Object, decided: dict[str, Any]) -> dict[str, Any]:
    """Return one row of the table."""
    lon, lat = item.point
    return {
        "osm_type": item.osm_type,
        "osm_id": item.osm_id,
        "name": _name(item.tags.get("name")),
        "kind": decided["kind"],
        "type": decided["type"],
        "tag": decided["tag"],
        "lon": lon,
        "lat": lat,
    }


def _name(name: Any) -> str | None:
    """Return a name that is safe to show and export, else None: anybody can write one."""
    try:
        text = safe_text(" ".join(str(name).split())) if name else None
    except CellError:
        return None
    return text if text and len(text) <= MAX_NAME_CHARACTERS else None


def _in_europe(point: tuple[float, float]) -> bool:
    """Tell whether a point lies in the bounds that the catalogue allows."""
    lon, lat = point
    return LONGITUDES[0] <= lon <= LONGITUDES[1] and LATITUDES[0] <= lat <= LATITUDES[1]


def _overpass(path: Path, data: dict[str, Any]) -> Iterator[_Object | str]:
    """Yield the tagged objects of an Overpass answer."""
    remark = str(data.get("remark", ""))
    if "error" in remark.lower():
        raise InputError(f"{path}: the extract is incomplete; Overpass says {remark[:120]!r}")
    elements = [e for e in data["elements"] if isinstance(e, dict)]
    nodes = {
        e.get("id"): (e["lon"], e["lat"])
        for e in elements
        if e.get("type") == "node" and _is_id(e.get("id")) and _numbers(e.get("lon"), e.get("lat"))
    }
    for element in elements:
        tags = _text_tags(element.get("tags"))
        if not tags:
            continue  # a bare node that only draws a way
        if element.get("type") not in _LETTERS.values() or not _is_id(element.get("id")):
            yield "no OpenStreetMap id"
            continue
        point = _position(element, nodes)
        yield _Object(element["type"], element["id"], tags, point)


def _is_id(value: Any) -> bool:
    """Tell whether a value can be an OpenStreetMap id."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < MAX_OSM_ID


def _text_tags(tags: Any) -> dict[str, str]:
    """Return the tags whose value is text; keys that start with @ are no tags."""
    if not isinstance(tags, dict):
        return {}
    return {k: v for k, v in tags.items() if isinstance(v, str) and not k.startswith("@")}


def _numbers(*values: Any) -> bool:
    """Tell whether all values are numbers."""
    return all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)


def _position(element: dict, nodes: dict) -> tuple[float, float] | None:
    """Return the position of an element: its own, its centre, or the middle of its extent."""
    for holder in (element, element.get("center")):
        if isinstance(holder, dict) and _numbers(holder.get("lon"), holder.get("lat")):
            return float(holder["lon"]), float(holder["lat"])
    bounds = element.get("bounds")
    if isinstance(bounds, dict):
        box = [bounds.get(k) for k in ("minlon", "maxlon", "minlat", "maxlat")]
        if _numbers(*box):
            return (box[0] + box[1]) / 2, (box[2] + box[3]) / 2
    geometry, refs = element.get("geometry"), element.get("nodes")
    points = [
        (p["lon"], p["lat"])
        for p in (geometry if isinstance(geometry, list) else [])
        if isinstance(p, dict) and _numbers(p.get("lon"), p.get("lat"))
    ]
    known = [n for n in (refs if isinstance(refs, list) else []) if _is_id(n) and n in nodes]
    points = points or [nodes[n] for n in known]
    if not points:
        return None
    lons, lats = zip(*points, strict=True)
    return (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2


def _features(features: list) -> Iterator[_Object | str]:
    """Yield the objects of a GeoJSON written from OpenStreetMap."""
    for feature in features:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            yield "no properties"
            continue
        identity = _identity(feature, properties)
        if identity is None:
            yield "no OpenStreetMap id"
            continue
        nested = properties.get("tags")
        tags = _text_tags(nested if isinstance(nested, dict) else properties)
        try:
            point = point_of(feature.get("geometry"))
        except ValueError:
            point = None
        yield _Object(*identity, tags, point)


def _identity(feature: dict, properties: dict) -> tuple[str, int] | None:
    """Return (type, id) from ``node/1``, ``n1``, or ``@type`` with ``@id``."""
    raw = str(feature.get("id") or properties.get("@id") or properties.get("id") or "")
    kind, _, number = raw.rpartition("/")
    if not kind and raw[:1] in _LETTERS:
        kind, number = _LETTERS[raw[0]], raw[1:]
    kind = kind or str(properties.get("@type") or properties.get("type") or "")
    if kind not in _LETTERS.values() or not (number.isascii() and number.isdigit()):
        return None
    return (kind, int(number)) if len(number) < 19 and _is_id(int(number)) else None

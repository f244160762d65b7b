"""OpenStreetMap objects of an extract, whatever program wrote it: type, id, tags, position."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard

from pipelines.core.findings import refuse, shorten
from pipelines.io.numbers import number
from pipelines.places.own import point_of

Point = tuple[float, float]
Extent = tuple[float, float, float, float]
MAX_OSM_ID = 2**62
_DATE = re.compile(r"(20\d\d)[-/](0[1-9]|1[0-2])[-/](0[1-9]|[12]\d|3[01])", re.ASCII)
_FIRST_EDIT = 1_072_915_200  # 2004, when OpenStreetMap began
_LINES = ("LineString", "MultiLineString", "GeometryCollection")
#: OpenStreetMap's own limit of keys and values.
MAX_TAG_CHARACTERS = 255
TYPES = {"n": "node", "w": "way", "r": "relation"}
_IDENTITY = re.compile(r"\(?'?(node|way|relation|area|[nwra])s?'?[/, ]*(\d{1,18})\)?", re.ASCII)
#: ``other_tags`` of GDAL's OSM driver.
_HSTORE = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
#: Layers of the same: points, lines; multilinestrings, multipolygons, other_relations.
_GDAL_TYPES = {
    "Point": "node",
    "LineString": "way",
    "MultiLineString": "relation",
    "MultiPolygon": "relation",
    "GeometryCollection": "relation",
}


@dataclass(frozen=True)
class OsmObject:
    """An OSM object before its tags are read.

    Attributes
    ----------
    point : (lon, lat) or None
        EPSG:4326.
    extent : (west, south, east, north) or None
        Of what is drawn as a line or an area.
    edited : str or None
        Day of its last edit, ISO 8601, where the file says.
    """

    osm_type: str
    osm_id: int
    tags: dict[str, str]
    point: Point | None
    extent: Extent | None = None
    edited: str | None = None


def of_overpass(name: str, data: dict[str, Any]) -> Iterator[OsmObject | str]:
    """Yield the tagged objects of an Overpass answer, or why there is none.

    Raises
    ------
    InputError
        The answer says of itself that it is incomplete.
    """
    remark = str(data.get("remark", ""))
    if "error" in remark.lower():
        raise refuse(name, f"the extract is incomplete; Overpass says {shorten(remark, 120)!r}")
    elements = [e for e in data["elements"] if isinstance(e, dict)]
    places = _Positions(elements)
    for element in elements:
        tags = _text_tags(element.get("tags"))
        if not tags:
            continue  # a bare node or way that only draws another object
        if element.get("type") not in TYPES.values() or not _is_id(element.get("id")):
            yield "no OpenStreetMap id"
            continue
        point, extent = places.of(element)
        edited = _day(element.get("timestamp"))
        yield OsmObject(element["type"], element["id"], tags, point, extent, edited)


def of_features(features: list[Any]) -> Iterator[OsmObject | str]:
    """Yield the objects of a GeoJSON written from OpenStreetMap, or why there is none."""
    for feature in features:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            yield "no properties"
            continue
        identity = _identity(feature, properties)
        if identity is None:
            yield "no OpenStreetMap id"
            continue
        nested = _nested(properties.get("tags"))
        tags = _text_tags(properties if nested is None else nested)
        for name in ("other_tags", "all_tags"):
            tags |= _text_tags(_nested(properties.get(name)))
        extent = None if identity[0] == "node" else _extent(_positions(feature.get("geometry")))
        point = _point(feature.get("geometry"))
        yield OsmObject(*identity, tags, point, extent, _edited(properties))


def _edited(properties: dict[str, Any]) -> str | None:
    """Return the day of the last edit as osmium, overpass turbo, GDAL or HOT state it."""
    meta = properties.get("meta")
    stated = [properties.get(name) for name in ("@timestamp", "osm_timestamp", "timestamp")]
    stated.append(meta.get("timestamp") if isinstance(meta, dict) else None)
    return next((day for value in stated if (day := _day(value))), None)


def _day(value: Any) -> str | None:
    """Return the day of a time: ISO 8601, with slashes as GDAL writes it, or seconds of Unix."""
    if isinstance(value, str) and (match := _DATE.match(value)):
        return "-".join(match.groups())
    if isinstance(value, int) and _FIRST_EDIT <= value < 2**32:
        return datetime.datetime.fromtimestamp(value, datetime.UTC).date().isoformat()
    return None


def _nested(value: Any) -> dict[str, Any] | None:
    """Return tags that stand in one property: as an object, as JSON or as hstore."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    elif isinstance(value, str):
        pairs = _HSTORE.findall(value)
        return {_plain(key): _plain(text) for key, text in pairs} if pairs else None
    return value if isinstance(value, dict) else None


def _plain(text: str) -> str:
    """Take the escapes of hstore away."""
    return re.sub(r"\\(.)", r"\1", text)


def _point(geometry: Any) -> Point | None:
    """Return a point for a geometry; of lines without an area the middle of their extent."""
    try:
        return point_of(geometry)
    except ValueError:
        kind = geometry.get("type") if isinstance(geometry, dict) else None
    corners = _positions(geometry) if kind in _LINES else []
    if extent := _extent(corners):
        return ((extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2)
    return corners[0] if corners else None


def _positions(geometry: Any) -> list[Point]:
    """Return the corners of a sound GeoJSON geometry."""
    corners: list[Point] = []
    parts = [geometry] if isinstance(geometry, dict) else []
    if parts and isinstance(geometry.get("geometries"), list):
        parts = [part for part in geometry["geometries"] if isinstance(part, dict)]
    heap = [part.get("coordinates") for part in parts]
    while heap:
        part = heap.pop()
        if not isinstance(part, list) or not part:
            continue
        if isinstance(part[0], list):
            heap += part
        elif len(part) > 1 and (corner := _pair(part[0], part[1])):
            corners.append(corner)
    return corners


def _extent(points: list[Point]) -> Extent | None:
    """Return west, south, east and north of what has more than one corner."""
    if len(points) < 2:
        return None
    lons, lats = zip(*points, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def _identity(feature: dict[str, Any], properties: dict[str, Any]) -> tuple[str, int] | None:
    """Return (type, id) as osmium, overpass turbo, QuickOSM, OSMnx, HOT or GDAL state it.

    ``node/1``, ``n1``, ``('node', 1)``, or a type and a number in columns of their own.
    """
    for stated in (feature.get("id"), properties.get("full_id"), properties.get("@id")):
        if isinstance(stated, str) and (match := _IDENTITY.fullmatch(stated)):
            return _known(match[1], match[2])
    if match := _IDENTITY.fullmatch(str(properties.get("id"))):
        return _known(match[1], match[2])
    kinds = ("@type", "osm_type", "element", "element_type", "type")
    numbers = ("@id", "osm_id", "osmid", "id")
    kind = next((str(properties[k]) for k in kinds if _is_kind(properties.get(k))), "")
    numeral = next((properties[k] for k in numbers if properties.get(k) not in (None, "")), "")
    if not kind and "other_tags" in properties:
        if properties.get("osm_way_id"):
            return _known("way", properties["osm_way_id"])
        geometry = feature.get("geometry")
        form = geometry.get("type") if isinstance(geometry, dict) else None
        kind = _GDAL_TYPES.get(form, "") if isinstance(form, str) else ""
    return _known(kind, numeral if numeral != "" else feature.get("id"))


def _is_kind(value: Any) -> bool:
    return isinstance(value, str) and _kind(value) is not None


def _kind(text: str) -> str | None:
    """Return node, way or relation of ``node``, ``n``, ``nodes``, ``ways_poly``."""
    word = text.lower().split("_")[0].removesuffix("s")
    return TYPES.get(word, word if word in TYPES.values() else None)


def _known(kind: str, numeral: Any) -> tuple[str, int] | None:
    """Return type and id where both can be ones.

    osmium numbers areas: twice the way's id, or twice the relation's and one.
    """
    text = str(numeral)
    if kind in ("a", "area") and text.isascii() and text.isdigit() and len(text) <= 18:
        kind, text = ("relation" if int(text) % 2 else "way"), str(int(text) // 2)
    name = _kind(kind)
    if name is None or not (text.isascii() and text.isdigit()) or len(text) > 18:
        return None
    return (name, int(text)) if _is_id(int(text)) else None


def _is_id(value: Any) -> TypeGuard[int]:
    """Tell whether a value can be an OpenStreetMap id."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < MAX_OSM_ID


def _text_tags(tags: Any) -> dict[str, str]:
    """Return the tags whose value is text; keys that start with @ are no tags."""
    if not isinstance(tags, dict):
        return {}
    return {
        key: value
        for key, value in tags.items()
        if isinstance(value, str)
        and not key.startswith("@")
        and len(key) <= MAX_TAG_CHARACTERS
        and len(value) <= MAX_TAG_CHARACTERS
    }


class _Positions:
    """Positions of elements: their own, or those of the nodes and ways they are made of."""

    def __init__(self, elements: list[dict[str, Any]]) -> None:
        self.nodes: dict[int, Point] = {}
        self.ways: dict[int, list[int]] = {}
        self._of_ways: dict[int, list[Point]] = {}
        for element in elements:
            key = element.get("id")
            if not _is_id(key):
                continue
            if element.get("type") == "node" and (point := _lon_lat(element)):
                self.nodes[key] = point
            elif element.get("type") == "way" and isinstance(element.get("nodes"), list):
                self.ways[key] = element["nodes"]

    def of(self, element: dict[str, Any]) -> tuple[Point | None, Extent | None]:
        """Return an element's own position, its centre or the middle of its extent; its extent."""
        points = _corners(element.get("bounds")) or self._drawn(element)
        members = element.get("members")
        if isinstance(members, list) and not points:
            points = [p for one in members if isinstance(one, dict) for p in self._member(one)]
        extent = _extent(points)
        for holder in (element, element.get("center")):
            if point := _lon_lat(holder):
                return point, extent
        if extent:
            return ((extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2), extent
        return (points[0] if points else None), None

    def _member(self, member: dict[str, Any]) -> list[Point]:
        """Return the positions of a relation's member that the extract holds, or their corners."""
        if points := self._drawn(member):
            return points
        ref = member.get("ref")
        if not _is_id(ref):
            return []
        if member.get("type") == "way":
            return self._corners_of_way(ref)
        return self._known_nodes([ref]) if member.get("type") == "node" else []

    def _corners_of_way(self, ref: int) -> list[Point]:
        """Return at most two points that span a way: relations may name it a million times."""
        if ref not in self._of_ways:
            points = self._known_nodes(self.ways.get(ref))
            extent = _extent(points)
            self._of_ways[ref] = [extent[:2], extent[2:]] if extent else points
        return self._of_ways[ref]

    def _drawn(self, element: dict[str, Any]) -> list[Point]:
        """Return the corners of an element: stated, or those of its nodes."""
        geometry = element.get("geometry")
        corners = geometry if isinstance(geometry, list) else []
        points = [point for corner in corners if (point := _lon_lat(corner))]
        return points or self._known_nodes(element.get("nodes"))

    def _known_nodes(self, refs: Any) -> list[Point]:
        refs = refs if isinstance(refs, list) else []
        return [self.nodes[ref] for ref in refs if _is_id(ref) and ref in self.nodes]


def _lon_lat(holder: Any) -> Point | None:
    """Return ``lon`` and ``lat`` of an object where both are JSON numbers."""
    if not isinstance(holder, dict):
        return None
    return _pair(holder.get("lon"), holder.get("lat"))


def _corners(bounds: Any) -> list[Point]:
    """Return two corners of a stated extent."""
    if not isinstance(bounds, dict):
        return []
    low = _pair(bounds.get("minlon"), bounds.get("minlat"))
    high = _pair(bounds.get("maxlon"), bounds.get("maxlat"))
    return [low, high] if low and high else []


def _pair(x: Any, y: Any) -> Point | None:
    if isinstance(x, str) or isinstance(y, str):
        return None
    lon, lat = number(x), number(y)
    return None if lon is None or lat is None else (lon, lat)

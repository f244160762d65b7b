"""GeoJSON facilities (RFC 7946), decoded without GDAL."""

from __future__ import annotations

import json
from collections.abc import Iterator

import shapely
from shapely.geometry import shape

from pipelines.core.errors import InputError

_WGS84 = ("CRS84", "EPSG::4326", "EPSG:4326", "4326")
_SURFACES = ("Polygon", "MultiPolygon", "MultiPoint", "LineString", "MultiLineString")


def _refuse_constant(word: str) -> float:
    raise ValueError(f"the constant {word} is not JSON")


def geojson_rows(
    text: str, name: str, repairs: list[str]
) -> Iterator[tuple[str, object, object, object, object]]:
    """Yield facilities of a FeatureCollection.

    The id is the property ``id`` or the feature's own; the capacity is the
    property ``capacity``. A polygon or line is stood for by a point on it,
    which is added to ``repairs``.

    Raises
    ------
    InputError
        The text is not JSON, not a FeatureCollection, or not in EPSG:4326.
    """
    document = _document(text, name)
    features = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise InputError(
            f"{name}: type is '{str(document.get('type'))[:40]}'; "
            "a FeatureCollection with a list of features is needed"
        )
    crs = document.get("crs")
    if crs is not None and not any(code in json.dumps(crs) for code in _WGS84):
        raise InputError(f"{name}: crs is {json.dumps(crs)[:80]}; only EPSG:4326 is allowed")
    replaced: dict[str, int] = {}
    rows = []
    for number, feature in enumerate(features, start=1):
        place = f"feature {number}"
        if not isinstance(feature, dict):
            raise InputError(f"{name}: {place}: is not an object")
        properties = feature.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        lon, lat, kind = _point(feature.get("geometry"), f"{name}: {place}")
        if kind != "Point":
            replaced[kind] = replaced.get(kind, 0) + 1
        key = properties.get("id", feature.get("id"))
        if isinstance(key, dict | list | bool):
            raise InputError(f"{name}: {place}: id must be text or a number")
        rows.append((place, key, lon, lat, properties.get("capacity")))
    for kind, count in sorted(replaced.items()):
        repairs.append(f"{name}: {count} {kind} features are stood for by a point on each")
    yield from rows


def _document(text: str, name: str) -> dict:
    """Parse the JSON object."""
    start = text.lstrip()[:40].split("\n")[0]
    if start.startswith("<"):
        raise InputError(f"{name}: is XML, not GeoJSON; it begins with '{start}'")
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise InputError(f"{name}: is nested too deeply to be GeoJSON") from error
    except json.JSONDecodeError as error:
        raise InputError(f"{name}: row {error.lineno}: is not JSON: {error.msg}") from error
    except ValueError as error:
        raise InputError(f"{name}: is not GeoJSON: {error}") from error
    if not isinstance(document, dict):
        raise InputError(f"{name}: holds a {type(document).__name__}; an object is needed")
    return document


def _point(geometry: object, where: str) -> tuple[object, object, str]:
    """Longitude, latitude and the kind of geometry they come from."""
    if not isinstance(geometry, dict):
        raise InputError(f"{where}: geometry is missing; a Point is needed")
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind == "Point":
        if not isinstance(coordinates, list) or len(coordinates) < 2:
            raise InputError(
                f"{where}: coordinates are '{str(coordinates)[:40]}'; [lon, lat] needed"
            )
        return coordinates[0], coordinates[1], "Point"
    if kind not in _SURFACES:
        raise InputError(
            f"{where}: geometry type is '{str(kind)[:40]}'; Point, or one of "
            f"{', '.join(_SURFACES)}, is allowed"
        )
    try:
        drawn = shape(geometry)
        if drawn.is_empty:
            raise ValueError("the geometry is empty")
        point = shapely.make_valid(drawn).representative_point()
    except (
        TypeError,
        ValueError,
        IndexError,
        AttributeError,
        shapely.errors.ShapelyError,
    ) as error:
        raise InputError(f"{where}: {kind} cannot be read: {str(error)[:80]}") from error
    return point.x, point.y, str(kind)

"""The one reader of GeoJSON (RFC 7946): a document, its features, a point for a geometry.

It goes through ``json`` alone and never to GDAL, which follows what a file holds, not
its name, and can be led to other files. Nothing here recurses over what a user brings,
and no geometry is repaired before its size and crossings are counted.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from pipelines.core.errors import InputError
from pipelines.core.findings import refuse, shorten
from pipelines.io.numbers import number
from pipelines.io.texts import read_text

#: The finest municipal outlines have fewer; a point for more takes longer than it is worth.
MAX_VERTICES = 50_000
#: Degrees of WGS 84, longitude first. ETRS89 (4258), which INSPIRE asks for, differs by
#: less than a metre.
_LON_LAT = re.compile(
    r"(?:urn:ogc:def:crs:|http://www\.opengis\.net/def/crs/)?"
    r"(?:(?:OGC[:/](?:[\d.]+)?[:/])?CRS84|OGC:CRS84|EPSG[:/](?:[\d.]*[:/])?(?:4326|4258))",
    re.IGNORECASE,
)
#: How deep the coordinates of each kind of geometry are nested.
_DEPTH = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
_LEAST_VERTICES = {"LineString": 2, "MultiLineString": 2, "Polygon": 4, "MultiPolygon": 4}
#: Names of files that are GeoJSON, or a sequence of features (RFC 8142, or one a line).
SEQUENCES = (".geojsonl", ".geojsons", ".geojsonseq", ".ndjson")
SUFFIXES = (".geojson", ".json", *SEQUENCES)
_RECORD = "\x1e"
_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def read_document(path: Path, max_bytes: float) -> dict[str, Any]:
    """Read a JSON object from a file.

    Raises
    ------
    InputError
        No file, too large, not UTF-8, not JSON (``NaN`` is none), nested too deeply,
        halves of characters, or not an object.
    """
    return parse_document(read_text(path, max_bytes), path.name)


def parse_document(text: str, name: str) -> dict[str, Any]:
    """Parse a text as a JSON object; see :func:`read_document`.

    A sequence of features, as osmium and GDAL write it, becomes a collection of them.
    """
    start = text.lstrip()[:40].split("\n")[0]
    if start.startswith("<"):
        raise refuse(name, "is XML, not GeoJSON: not JSON at all", found=start, allowed="JSON")
    if _is_sequence(text, name):
        return {"type": "FeatureCollection", "features": list(_sequence(text, name))}
    document = _parse(text, name)
    # A sequence of one feature looks like this.
    if document.get("type") == "Feature" and {"geometry", "properties"} <= document.keys():
        return {"type": "FeatureCollection", "features": [document]}
    return document


def _is_sequence(text: str, name: str) -> bool:
    """Tell whether a text holds features one after another: marked, named so, or one a line.

    JSON itself never holds the mark.
    """
    if _RECORD in text or name.lower().endswith(SEQUENCES):
        return True
    first, _, rest = text.strip().partition("\n")
    if not rest.lstrip().startswith("{") or not first.rstrip().endswith("}"):
        return False
    with contextlib.suppress(InputError):
        return _parse(first, name).get("type") == "Feature"
    return False


def _sequence(text: str, name: str) -> Iterator[dict[str, Any]]:
    """Yield the features of a sequence."""
    if _RECORD in text:
        records = enumerate(text.split(_RECORD)[1:], 1)
        if text.partition(_RECORD)[0].strip():
            raise refuse(name, "is not JSON: text before the first record", row=1)
    else:
        records = enumerate(text.split("\n"), 1)
    for position, record in records:
        if not record.strip():
            continue
        try:
            feature = _parse(record, name)
        except InputError as error:
            problem = error.findings[0].problem
            raise refuse(name, f"feature {position} of the sequence: {problem}") from error
        if feature.get("type") != "Feature":
            kind = shorten(str(feature.get("type")), 40)
            problem = f"feature {position} of the sequence: type is '{kind}'"
            raise refuse(name, problem, allowed="Feature")
        yield feature


def _parse(text: str, name: str) -> dict[str, Any]:
    """Parse one JSON object."""
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
        if _ESCAPED_HALF.search(text):
            json.dumps(document, ensure_ascii=False).encode()
    except RecursionError as error:
        raise refuse(name, "is not JSON: nested too deeply to be GeoJSON") from error
    except UnicodeEncodeError as error:
        half = f"\\u{ord(error.object[error.start]):04x}"
        raise refuse(name, f"a text holds half of a character, {half}") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: not JSON"
        raise refuse(name, f"is not JSON: {error.msg} ({where})", row=error.lineno) from error
    except ValueError as error:
        raise refuse(name, f"is not JSON: {shorten(str(error))}") from error
    if not isinstance(document, dict):
        kind = type(document).__name__
        raise refuse(name, f"holds a {kind}", allowed="a JSON object")
    return document


def _refuse_constant(word: str) -> float:
    raise ValueError(f"the constant {word} is not JSON")


def is_collection(document: dict[str, Any]) -> bool:
    """Tell whether a document is a FeatureCollection with a list of features."""
    return document.get("type") == "FeatureCollection" and isinstance(
        document.get("features"), list
    )


def features(document: dict[str, Any], name: str) -> list[Any]:
    """Return the features of a collection in longitude and latitude.

    Raises
    ------
    InputError
        No FeatureCollection, or another coordinate system.
    """
    if not is_collection(document):
        kind = shorten(str(document.get("type")), 40)
        allowed = "a FeatureCollection with a list of features"
        raise refuse(name, f"type is '{kind}'", allowed=allowed)
    stated = crs_name(document)
    if stated is not None and not _LON_LAT.fullmatch(stated):
        allowed = "only EPSG:4326 is allowed, or CRS84"
        raise refuse(name, f"crs is {shorten(stated)!r}; {allowed}")
    entries: list[Any] = document["features"]
    return entries


def crs_name(document: dict[str, Any]) -> str | None:
    """Return the name of the coordinate system that a document states, if it does.

    Without one GeoJSON is longitude and latitude by its standard.
    """
    crs = document.get("crs")
    if crs is None:
        return None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    if not isinstance(properties, dict):
        return "without a name"
    code = properties.get("code")  # as GeoJSON of before 2008 had it
    return str(properties.get("name", f"EPSG:{code}"))


def point_on(geometry: Any, kinds: tuple[str, ...] = tuple(_DEPTH)) -> tuple[float, float, str]:
    """Return longitude, latitude and the kind of a GeoJSON geometry.

    Parameters
    ----------
    geometry : object
        Of any form; it is checked.
    kinds : tuple of str
        Geometry types that are allowed.

    Returns
    -------
    lon, lat : float
        The point itself; a point that lies on a line or in a polygon. They need not be
        degrees. A polygon that crosses itself is taken by the even-odd rule.
    kind : str

    Raises
    ------
    ValueError
        Missing, of another kind, several points, too many vertices, or coordinates that
        are no numbers or not nested as the kind asks.
    """
    if not isinstance(geometry, dict):
        raise ValueError("geometry is missing; a Point is needed")
    kind = geometry.get("type")
    if not isinstance(kind, str) or kind not in kinds:
        text = shorten(str(kind), 40)
        raise ValueError(f"geometry type is '{text}'; allowed: {', '.join(kinds)}")
    coordinates = geometry.get("coordinates")
    if not isinstance(coordinates, list):
        raise ValueError(f"{kind} cannot be read: it has no list of coordinates")
    if kind == "Point":
        lon, lat = _position(coordinates, "Point")
        return lon, lat, kind
    lines = list(_lines(coordinates, kind))
    if kind == "MultiPoint":
        if len(lines[0]) != 1:
            points = len(lines[0])
            raise ValueError(f"MultiPoint of {points} points; allowed: one point a feature")
        return float(lines[0][0, 0]), float(lines[0][0, 1]), kind
    # The scan line of GEOS asks nothing of validity, so that no crossing is ever computed.
    try:
        point = _drawn(coordinates, kind, lines).representative_point()
    except shapely.errors.ShapelyError as error:
        raise ValueError(f"{kind} cannot be read: {shorten(str(error))}") from error
    if point.is_empty:
        raise ValueError(f"{kind} cannot be read: it is empty")
    return point.x, point.y, kind


def points_on(geometry: Any) -> tuple[list[tuple[float, float]], str]:
    """Return a point for each part of a geometry, and the kind of its parts.

    A ``MultiPoint`` gives its points, a ``MultiLineString`` and a ``MultiPolygon`` a point on
    each line and in each polygon; anything else one, as :func:`point_on` does.

    Raises
    ------
    ValueError
        As :func:`point_on`; of a part, it says which.
    """
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("MultiPoint", "MultiLineString", "MultiPolygon"):
        lon, lat, kind = point_on(geometry)
        return [(lon, lat)], kind
    parts = geometry.get("coordinates")
    if not isinstance(parts, list):
        raise ValueError(f"{kind} cannot be read: it has no list of coordinates")
    if not parts:
        raise ValueError(f"{kind} cannot be read: it has no coordinates")
    # Counted as a whole first: many parts of few vertices are as long to read as one of many.
    if len(parts) > MAX_VERTICES:
        raise ValueError(f"{kind} of more than {MAX_VERTICES} parts")
    single = kind.removeprefix("Multi")
    points = []
    for number_of, part in enumerate(parts, start=1):
        try:
            lon, lat, _single = point_on({"type": single, "coordinates": part})
        except ValueError as error:
            raise ValueError(f"part {number_of} of a {kind}: {error}") from error
        points.append((lon, lat))
    return points, single


def _position(value: Any, kind: str) -> tuple[float, float]:
    """Return the first two numbers of a position."""
    if not isinstance(value, list) or len(value) < 2:
        text = "[]" if value == [] else shorten(_shown(value), 40)
        raise ValueError(f"coordinates are '{text}'; [lon, lat] needed in a {kind}")
    pair = []
    for name, coordinate in zip(("lon", "lat"), value, strict=False):
        exact = None if isinstance(coordinate, str) else number(coordinate)
        if exact is None:
            text = shorten(_shown(coordinate), 40)
            raise ValueError(f"{name} is '{text}'; allowed: a number with a decimal point")
        pair.append(exact)
    return pair[0], pair[1]


def _shown(value: Any) -> str:
    """Write a value for a message; what is nested or endless is named by its kind."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**30:
        return "a whole number of more than 30 digits"
    return type(value).__name__ if isinstance(value, dict | list) else str(value)


def _lines(coordinates: list[Any], kind: str) -> Iterator[NDArray[np.float64]]:
    """Yield the runs of positions of a geometry, each of shape (n, 2)."""
    runs: list[Any] = [coordinates]
    for _ in range(_DEPTH[kind] - 1):
        runs = [inner for run in runs for inner in (run if isinstance(run, list) else [run])]
    total, least = 0, _LEAST_VERTICES.get(kind, 1)
    for run in runs:
        length = len(run) if isinstance(run, list) else 0
        total += length
        if total > MAX_VERTICES:
            raise ValueError(f"{kind} of more than {MAX_VERTICES} vertices")
        if length < least:
            raise ValueError(f"{kind} cannot be read: {length} positions; at least {least} needed")
        yield np.array([_position(position, kind) for position in run])
    if not runs:
        raise ValueError(f"{kind} cannot be read: it has no coordinates")


def _drawn(
    coordinates: list[Any], kind: str, lines: list[NDArray[np.float64]]
) -> shapely.LineString | shapely.MultiLineString | shapely.Polygon | shapely.MultiPolygon:
    """Build a line or polygon of its checked runs of positions."""
    if kind == "LineString":
        return shapely.LineString(lines[0])
    if kind == "MultiLineString":
        return shapely.MultiLineString(lines)
    if kind == "Polygon":
        return shapely.Polygon(lines[0], lines[1:])
    runs, polygons = iter(lines), []
    for polygon in coordinates:
        rings = [next(runs) for _ in polygon]
        if rings:
            polygons.append(shapely.Polygon(rings[0], rings[1:]))
    return shapely.MultiPolygon(polygons)

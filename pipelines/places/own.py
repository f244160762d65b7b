"""A user's own social places, from CSV or GeoJSON, in the columns of the catalogue.

GeoJSON goes through ``json`` alone: GDAL follows what a file holds, not its
name, and can be led to read other files.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape

from pipelines.catalogue import gazetteer as places
from pipelines.catalogue import rules
from pipelines.catalogue.load import arrow_table
from pipelines.catalogue.schema import Schema, Table, read_schema
from pipelines.core import paths
from pipelines.core.errors import InputError
from pipelines.core.findings import Finding, shorten
from pipelines.io.sheets import MAX_BYTES, Sheet, read_sheet

MAX_PLACES = 200_000
MAX_VERTICES = 50_000
SHOWN_FINDINGS = 50
GEOMETRIES = ("Point", "Polygon", "MultiPolygon")
_LON_LAT_NAMES = ("CRS84", "EPSG::4326", "EPSG:4326")


def read_own_places(
    path: Path, settlements: pa.Table | None = None, catalogue: Path | None = None
) -> pa.Table:
    """Read a user's own places.

    Parameters
    ----------
    path : Path
        ``.csv`` or ``.geojson``/``.json``; the columns are those of the table
        ``own_places`` in ``schema.toml``, of which the optional ones may be left out.
        GeoJSON takes ``lon`` and ``lat`` from the geometry (EPSG:4326): a point as it
        is, a polygon by a point that lies inside it.
    settlements : pyarrow.Table, optional
        As in :func:`pipelines.catalogue.load.check`; towns and countries are then checked.
    catalogue : Path, optional
        Folder of ``schema.toml``; the project's own by default.

    Returns
    -------
    pyarrow.Table
        The columns of ``own_places``; what is not given is NULL.

    Raises
    ------
    InputError
        The file is of another kind, too large or unreadable, or rows break a rule;
        the message names file, row (feature), field, what was found and what is allowed.
    """
    schema = read_schema(catalogue or paths.catalogue_dir())
    table = schema.tables["own_places"]
    suffix = path.suffix.lower()
    if suffix == ".csv":
        sheet, findings = _csv(path, table)
    elif suffix in {".geojson", ".json"}:
        sheet, findings = _geojson(path, table)
    else:
        raise InputError(f"{path}: unknown kind of file {suffix!r}; allowed: .csv, .geojson, .json")
    _stop(path, findings)
    rows, findings = _checked(path, sheet, table, schema, settlements)
    _stop(path, findings)
    return arrow_table(table, rows)


def read_json(path: Path, max_bytes: int = MAX_BYTES) -> dict[str, Any]:
    """Return a JSON object from a file, or say what is wrong with it.

    Raises
    ------
    InputError
        No file, too large, not UTF-8, not JSON, nested too deep, or not an object.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    if (size := path.stat().st_size) > max_bytes:
        raise InputError(f"{path}: {size} bytes; allowed: up to {max_bytes}")
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text (byte {error.start})") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InputError(f"{path}, {where}: not JSON ({error.msg})") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON that can be read ({error})") from error
    if not isinstance(data, dict):
        raise InputError(f"{path}: found {type(data).__name__}; allowed: a JSON object")
    return data


def _no_constant(name: str) -> None:
    """Refuse NaN and infinities, which are no JSON."""
    raise ValueError(f"{name} is not a JSON number")


def point_of(geometry: Any) -> tuple[float, float]:
    """Return longitude and latitude of a GeoJSON geometry in degrees.

    A polygon gives a point that is sure to lie inside it.

    Raises
    ------
    ValueError
        No geometry, of another type, too many vertices, or not finite.
    """
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in GEOMETRIES:
        raise ValueError(f"geometry {kind or geometry!r}; allowed: {', '.join(GEOMETRIES)}")
    try:
        form = shape(geometry)
        if shapely.get_num_coordinates(form) > MAX_VERTICES:
            raise ValueError(f"more than {MAX_VERTICES} vertices")
        point = form if kind == "Point" else shapely.make_valid(form).representative_point()
        lon, lat = float(point.x), float(point.y)
    except (ShapelyError, TypeError, IndexError, KeyError, AttributeError) as error:
        raise ValueError(f"{kind} without usable coordinates") from error
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise ValueError(f"coordinates {lon:g}, {lat:g}; allowed: degrees, longitude first")
    return lon, lat


def check_crs(path: Path, data: dict[str, Any]) -> None:
    """Refuse a GeoJSON that states another coordinate system than longitude and latitude."""
    crs = data.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if crs is not None and not name.endswith(_LON_LAT_NAMES):
        raise InputError(f"{path}: coordinate system {shorten(name or str(crs))!r}; allowed: CRS84")


def _csv(path: Path, table: Table) -> tuple[Sheet | None, list[Finding]]:
    """Read a CSV; optional columns may be absent."""
    sheet, findings = read_sheet(path, list(table.columns), may_lack=_optional(table))
    if sheet is not None:
        empty = dict.fromkeys(set(table.columns) - set(sheet.header), "")
        rows = [(number, cells | empty) for number, cells in sheet.rows]
        sheet = Sheet(sheet.file, sheet.header, rows)
    return sheet, findings


def _optional(table: Table) -> set[str]:
    """Return the columns that a user may leave out."""
    return {column.name for column in table.columns.values() if not column.required}


def _geojson(path: Path, table: Table) -> tuple[Sheet, list[Finding]]:
    """Turn features into rows; row numbers count features from 1."""
    data = read_json(path)
    if isinstance(data.get("elements"), list):
        raise InputError(
            f"{path}: found an Overpass answer; allowed: your own places. OpenStreetMap's are "
            "measured apart: 'hinterland places FILE --osm -o FOLDER', or the choice on the page"
        )
    check_crs(path, data)
    features = data.get("features")
    if data.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise InputError(f"{path}: found type {data.get('type')!r}; allowed: a FeatureCollection")
    rows, findings = [], []
    for number, feature in enumerate(features, 1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            findings.append(Finding(path.name, number, "properties", "feature without properties"))
            continue
        cells = {name: _cell(properties.get(name)) for name in table.columns}
        for name in sorted(set(properties) - set(table.columns)):
            allowed = ", ".join(table.columns)
            findings.append(Finding(path.name, number, name, "unknown column", name, allowed))
        try:
            lon, lat = point_of(feature.get("geometry"))
        except ValueError as error:
            findings.append(Finding(path.name, number, "geometry", str(error)))
            continue
        rows.append((number, cells | {"lon": f"{lon:.7f}", "lat": f"{lat:.7f}"}))
    return Sheet(path.name, list(table.columns), rows), findings


def _cell(value: Any) -> str:
    """Write a JSON value as a CSV cell would hold it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ";".join(_cell(item) for item in value)
    return str(value)


def _checked(
    path: Path, sheet: Sheet, table: Table, schema: Schema, settlements: pa.Table | None
) -> tuple[list[rules.Row], list[Finding]]:
    """Convert and check rows."""
    if len(sheet.rows) > MAX_PLACES:
        raise InputError(f"{path}: {len(sheet.rows)} places; allowed: up to {MAX_PLACES}")
    rows, findings = rules.convert_sheet(sheet, table, schema)
    findings += rules.duplicates(table, rows, sheet.file)
    findings += places.check_points(sheet.file, rows)
    if settlements is not None:
        gazetteer = places.Gazetteer(settlements)
        findings += places.check_settlements(sheet.file, rows, gazetteer)
    return rows, findings


def _stop(path: Path, findings: list[Finding]) -> None:
    """Raise with all findings, if there are any; the first ones in full."""
    if not findings:
        return
    lines = [str(finding) for finding in sorted(set(findings))]
    more = len(lines) - SHOWN_FINDINGS
    tail = [f"… and {more} more"] if more > 0 else []
    head = f"{path}: {len(lines)} thing{'s' if len(lines) != 1 else ''} to put right:"
    raise InputError("\n".join([head, *lines[:SHOWN_FINDINGS], *tail]))

"""A user's own social places, from CSV or GeoJSON, in the columns of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.catalogue import gazetteer as places
from pipelines.catalogue import rules
from pipelines.catalogue.load import arrow_table
from pipelines.catalogue.schema import Schema, Table, read_schema
from pipelines.core import paths
from pipelines.core.findings import MOST_FINDINGS, Finding, refusal, refuse
from pipelines.io import geojson
from pipelines.io.numbers import have_decimal_commas, with_point
from pipelines.io.sheets import DECIMAL_COMMAS, MAX_BYTES, Sheet, columns_left_out, read_sheet
from pipelines.io.texts import DIRECTION_MARKS, last_resort

#: Each row is compared with the settlements: 200 000 take some seconds.
MAX_PLACES = 200_000
GEOMETRIES = ("Point", "Polygon", "MultiPolygon")
_NAMED = ("name", "name_local", "town")
_SHEETS = (".csv", ".tsv", ".txt")
SUFFIXES = (*_SHEETS, *geojson.SUFFIXES)


@dataclass(frozen=True, kw_only=True)
class OwnPlaces:
    """Rows of a file, and what was repaired to read it.

    Attributes
    ----------
    table : pyarrow.Table
        The columns of ``own_places``; what is not given is NULL.
    repairs : list of str
    """

    table: pa.Table
    repairs: list[str] = field(default_factory=list)


def read_own_places(
    path: Path, settlements: pa.Table | None = None, catalogue: Path | None = None
) -> OwnPlaces:
    """Read a user's own places.

    Parameters
    ----------
    path : Path
        A table (``.csv``, ``.tsv``, ``.txt``) or GeoJSON; the columns are those of the table
        ``own_places`` in ``schema.toml``, of which the optional ones may be left out.
        GeoJSON takes ``lon`` and ``lat`` from the geometry (EPSG:4326): a point as it
        is, a polygon by a point that lies inside it.
    settlements : pyarrow.Table, optional
        As in :func:`pipelines.catalogue.load.check`; towns and countries are then checked.
    catalogue : Path, optional
        Folder of ``schema.toml``; the project's own by default.

    Returns
    -------
    OwnPlaces

    Raises
    ------
    InputError
        The file is of another kind, too large or unreadable, or rows break a rule;
        the message names file, row (feature), field, what was found and what is allowed.
    """
    schema = read_schema(catalogue or paths.catalogue_dir())
    table = schema.tables["own_places"]
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        allowed = ", ".join(SUFFIXES)
        raise refuse(path, f"unknown kind of file {suffix!r}", allowed=allowed)
    with last_resort(path.name):
        read = _csv if suffix in _SHEETS else _geojson
        sheet, unit, findings = read(path, table)
        if findings or sheet is None:
            raise refusal(findings)
        _take_marks_away(sheet)
        rows = _checked(sheet, unit, table, schema, settlements)
    return OwnPlaces(table=arrow_table(table, rows), repairs=sheet.repairs)


def _csv(path: Path, table: Table) -> tuple[Sheet | None, str, list[Finding]]:
    """Read a CSV; optional columns may be absent."""
    columns = list(table.columns)
    sheet, findings = read_sheet(path, columns, may_lack=_optional(table), is_users=True)
    if sheet is not None:
        empty = dict.fromkeys(set(table.columns) - set(sheet.header), "")
        rows = [(number, cells | empty) for number, cells in sheet.rows]
        repairs = list(sheet.repairs)
        degrees = [cells[name] for _, cells in rows for name in ("lon", "lat")]
        # Where commas part the fields, one in a number is a slip, not a habit.
        if sheet.delimiter != "," and have_decimal_commas(degrees):
            repairs.append(f"{sheet.file}: {DECIMAL_COMMAS}")
            for _, cells in rows:
                cells |= {name: with_point(cells[name]) for name in ("lon", "lat")}
        sheet = Sheet(sheet.file, sheet.header, rows, repairs)
    return sheet, "row", findings


def _take_marks_away(sheet: Sheet) -> None:
    """Take the marks of direction out of names, and say so."""
    marked = 0
    for _, cells in sheet.rows:
        for column in _NAMED:
            text = cells.get(column, "")
            if not text.isascii() and (plain := text.translate(DIRECTION_MARKS)) != text:
                cells[column] = plain
                marked += 1
    if marked:
        sheet.repairs.append(f"{sheet.file}: direction marks taken out of {marked:,} names")


def _optional(table: Table) -> set[str]:
    """Return the columns that a user may leave out."""
    return {column.name for column in table.columns.values() if not column.required}


def _geojson(path: Path, table: Table) -> tuple[Sheet, str, list[Finding]]:
    """Turn features into rows; row numbers count features from 1."""
    data = geojson.read_document(path, MAX_BYTES)
    if isinstance(data.get("elements"), list):
        raise refuse(
            path,
            "found an Overpass answer",
            allowed="your own places. OpenStreetMap's are measured apart: "
            "'hinterland places FILE --osm -o FOLDER', or the choice on the page",
        )
    rows: list[tuple[int, dict[str, str]]] = []
    findings: list[Finding] = []
    ignored: set[str] = set()
    for number, feature in enumerate(geojson.features(data, path.name), 1):
        if len(findings) >= MOST_FINDINGS:
            break
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            problem = "feature without properties"
            findings.append(Finding(path.name, number, "properties", problem, unit="feature"))
            continue
        if properties.get("id") is None:  # as RFC 7946 has it
            properties = properties | {"id": feature.get("id")}
        cells, faults = _cells(path.name, number, properties, table, ignored)
        try:
            lon, lat = point_of(feature.get("geometry"))
        except ValueError as error:
            faults.append(_no_point(path.name, number, error))
        else:
            rows.append((number, cells | {"lon": f"{lon:.7f}", "lat": f"{lat:.7f}"}))
        findings += faults
    repairs = columns_left_out(path.name, ignored)
    return Sheet(path.name, list(table.columns), rows, repairs), "feature", findings


def _no_point(name: str, number: int, error: ValueError) -> Finding:
    return Finding(name, number, "geometry", f"no point: {error}", unit="feature")


def point_of(geometry: Any) -> tuple[float, float]:
    """Return longitude and latitude of a GeoJSON geometry in degrees.

    Raises
    ------
    ValueError
        See :func:`pipelines.io.geojson.point_on`; or the numbers are no degrees.
    """
    lon, lat, _ = geojson.point_on(geometry, GEOMETRIES)
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise ValueError(f"coordinates {lon:g}, {lat:g}; allowed: degrees, longitude first")
    return lon, lat


def _cells(
    name: str, number: int, properties: dict[str, Any], table: Table, ignored: set[str]
) -> tuple[dict[str, str], list[Finding]]:
    """Write a feature's properties as the cells of a CSV row."""
    cells: dict[str, str] = {}
    findings = []
    for column in table.columns:
        text = _cell(properties.get(column))
        if text is None:
            allowed = "a text, a number, yes or no, or a list of texts"
            problem = "not a single value"
            findings.append(Finding(name, number, column, problem, allowed=allowed, unit="feature"))
        cells[column] = text or ""
    ignored |= set(properties) - set(table.columns)
    return cells, findings


def _cell(value: Any) -> str | None:
    """Write a JSON value as a CSV cell would hold it; None where it cannot be one."""
    if isinstance(value, list):
        if any(isinstance(item, dict | list) for item in value):
            return None
        return ";".join(_plain(item) for item in value)
    return None if isinstance(value, dict) else _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _checked(
    sheet: Sheet, unit: str, table: Table, schema: Schema, settlements: pa.Table | None
) -> list[rules.Row]:
    """Convert and check rows."""
    if len(sheet.rows) > MAX_PLACES:
        allowed = f"up to {MAX_PLACES}"
        raise refuse(sheet.file, f"{len(sheet.rows)} places", allowed=allowed)
    if not sheet.rows:
        raise refuse(sheet.file, "no places", allowed="at least one row after the header")
    rows, findings = rules.convert_sheet(sheet, table, schema)
    findings += rules.duplicates(table, rows, sheet.file)
    findings += places.check_points(sheet.file, rows)
    if settlements is not None:
        gazetteer = places.Gazetteer(settlements)
        findings += places.check_settlements(sheet.file, rows, gazetteer)
    if findings:
        raise refusal([replace(finding, unit=unit) for finding in findings])
    return rows

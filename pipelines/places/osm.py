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

from pipelines.catalogue.cells import CellError, safe_text
from pipelines.catalogue.rules import convert_sheet, duplicates, fold
from pipelines.catalogue.schema import read_schema
from pipelines.core import paths
from pipelines.core.areas import area
from pipelines.core.findings import failure, refuse
from pipelines.geo.sphere import km_between
from pipelines.io import geojson
from pipelines.io.sheets import read_sheet
from pipelines.io.texts import NAME_CHARACTERS, last_resort
from pipelines.places.osm_objects import OsmObject, Point, of_features, of_overpass

ATTRIBUTION = "© OpenStreetMap contributors, available under the Open Database Licence (ODbL) 1.0"
MAX_OSM_BYTES = 200_000_000
CLOSED_ACCESS = frozenset({"private", "no", "residents", "permit"})
CLOSED_TAGS = ("disused", "abandoned", "demolished", "razed", "ruins")
#: A node in or beside the outline of the building that bears the same name and type.
SAME_PLACE_KM = 0.1
Mapping = dict[tuple[str, str], dict[str, Any]]
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
    with last_resort(path.name):
        data = geojson.read_document(path, MAX_OSM_BYTES)
        if isinstance(data.get("elements"), list):
            objects = of_overpass(path.name, data)
        elif geojson.is_collection(data):
            objects = of_features(geojson.features(data, path.name))
        else:
            keys = ", ".join(sorted(map(str, data))[:8])
            allowed = "Overpass JSON with elements, or a GeoJSON FeatureCollection"
            raise refuse(path, f"found an object with {keys or 'no keys'}", allowed=allowed)
        return collect(objects, mapping)


def read_mapping(folder: Path) -> Mapping:
    """Return the mapping of (key, value) to its row in ``osm_tags.csv``."""
    schema = read_schema(folder)
    table = schema.tables["osm_tags"]
    sheet, findings = read_sheet(folder / str(table.file), list(table.columns))
    if sheet is not None:
        rows, faults = convert_sheet(sheet, table, schema)
        findings += [*faults, *duplicates(table, rows)]
    if findings:
        raise failure(findings)
    return {(row["key"], row["value"]): row.values for row in rows}


def match(tags: dict[str, str], mapping: Mapping) -> dict[str, Any] | None:
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


def collect(objects: Iterator[OsmObject | str], mapping: Mapping) -> OsmPlaces:
    """Turn objects into the table and count what is left out."""
    rows: dict[tuple[str, int], dict[str, Any]] = {}
    left_out: Counter[str] = Counter()
    for item in objects:
        if isinstance(item, str):
            left_out[item] += 1
        elif (row := match(item.tags, mapping)) is None:
            left_out["no mapped tag"] += 1
        elif _is_closed_for_good(item.tags):
            left_out["closed for good"] += 1
        elif item.tags.get("access") in CLOSED_ACCESS:
            left_out["closed to the public"] += 1
        elif item.point is None:
            left_out["no position"] += 1
        elif not area("europe").holds(*item.point):
            left_out["outside Europe"] += 1
        elif (item.osm_type, item.osm_id) in rows:
            left_out["stands twice"] += 1
        else:
            rows[item.osm_type, item.osm_id] = _row(item, item.point, row)
    ordered, twins = _each_once([rows[key] for key in sorted(rows)])
    if twins:
        left_out["drawn as a point and as an area"] = twins
    return OsmPlaces(pa.Table.from_pylist(ordered, schema=SCHEMA), dict(sorted(left_out.items())))


def _row(item: OsmObject, point: Point, decided: dict[str, Any]) -> dict[str, Any]:
    """Return one row of the table."""
    lon, lat = point
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
    return text if text and len(text) <= NAME_CHARACTERS else None


def _is_closed_for_good(tags: dict[str, str]) -> bool:
    """Tell whether an object says that it is no longer what its main tag names."""
    is_given_up = any(tags.get(key, "no") != "no" for key in CLOSED_TAGS)
    return is_given_up or tags.get("opening_hours") in {"closed", "off"}


def _each_once(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """Leave out nodes that an area of the same name and type beside them draws too."""
    areas: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        if row["osm_type"] != "node" and row["name"]:
            areas.setdefault((row["type"], fold(row["name"])), []).append(row)
    distinct = [
        row
        for row in rows
        if row["osm_type"] != "node"
        or not row["name"]
        or not any(
            km_between(row["lon"], row["lat"], other["lon"], other["lat"]) <= SAME_PLACE_KM
            for other in areas.get((row["type"], fold(row["name"])), ())
        )
    ]
    return distinct, len(rows) - len(distinct)

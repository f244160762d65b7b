"""Social places from an OpenStreetMap extract, in a table of their own.

OpenStreetMap data is under the ODbL: a data base made from it must be shared
alike, so these rows never enter the catalogue's tables nor the published database.
"""

from __future__ import annotations

import functools
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.catalogue.cells import CellError, safe_text
from pipelines.core import paths
from pipelines.core.areas import area
from pipelines.core.findings import refuse
from pipelines.io import geojson
from pipelines.io.texts import DIRECTION_MARKS, NAME_CHARACTERS, last_resort
from pipelines.places.merge import Place, one_each
from pipelines.places.osm_objects import OsmObject, Point, of_features, of_overpass
from pipelines.places.osm_tags import Meaning, TagTable, is_mapped, meaning, read_tag_table

ATTRIBUTION = "© OpenStreetMap contributors, available under the Open Database Licence (ODbL) 1.0"
MAX_OSM_BYTES = 200_000_000
CLOSED_ACCESS = frozenset({"private", "no", "residents", "permit"})
CLOSED_TAGS = ("disused", "abandoned", "demolished", "razed", "ruins")
#: Facts of a place that are shown as its mappers wrote them.
FACTS = ("opening_hours", "wheelchair", "operator", "check_date")
#: Day of the last edit, where it was read.
EDITED = "edited"
SCHEMA = pa.schema(
    [
        ("osm_type", pa.string()),
        ("osm_id", pa.int64()),
        ("name", pa.string()),
        ("kind", pa.string()),
        ("type", pa.string()),
        ("types", pa.list_(pa.string())),
        ("tag", pa.string()),
        ("entry", pa.string()),
        ("address", pa.string()),
        *((name, pa.string()) for name in FACTS),
        (EDITED, pa.string()),
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
        ``osm_type, osm_id, name, kind, type`` (the first of ``types``), ``types`` (all that it
        is), ``tag`` (``key=value`` of the first), ``entry`` (how one gets in), ``address``,
        facts as mapped, ``edited`` (day of the last edit, ISO 8601, where it was read), ``lon``,
        ``lat`` (EPSG:4326), one row a place, sorted by kind of object and id; a
        missing or unsafe text is NULL.
    left_out : dict of str to int
        Objects that became no row, by reason.
    snapshot : str or None
        When the data was as it is here, ISO 8601, UTC; None where the file does not say.
    """

    table: pa.Table
    left_out: dict[str, int] = field(default_factory=dict)
    snapshot: str | None = None


@functools.cache
def tag_table(catalogue: Path | None = None) -> TagTable:
    """Return the project's rules of tags, read once."""
    return read_tag_table(catalogue or paths.catalogue_dir())


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
        ``osm_tags.csv`` or ``osm_types.csv`` breaks its rules.
    """
    table = tag_table(catalogue)
    with last_resort(path.name):
        data = geojson.read_document(path, MAX_OSM_BYTES)
        if isinstance(data.get("elements"), list):
            return collect(of_overpass(path.name, data), table, _stated_time(data))
        if geojson.is_collection(data):
            return collect(of_features(geojson.features(data, path.name)), table)
        keys = ", ".join(sorted(map(str, data))[:8])
        allowed = "Overpass JSON with elements, or a GeoJSON FeatureCollection"
        raise refuse(path, f"found an object with {keys or 'no keys'}", allowed=allowed)


def _stated_time(data: dict[str, Any]) -> str | None:
    """Return the time of the data base that an Overpass answer states."""
    facts = data.get("osm3s")
    text = facts.get("timestamp_osm_base") if isinstance(facts, dict) else None
    return text[:19] + "Z" if isinstance(text, str) and text[:4].isdigit() else None


def collect(
    objects: Iterable[OsmObject | str], table: TagTable, snapshot: str | None = None
) -> OsmPlaces:
    """Turn objects into the table and count what is left out."""
    rows: dict[tuple[str, int], Place] = {}
    left_out: Counter[str] = Counter()
    europe = area("europe")
    for item in objects:
        if isinstance(item, str):
            left_out[item] += 1
            continue
        meant = meaning(item.tags, table)
        if not is_mapped(item.tags, table):
            left_out["no mapped tag"] += 1
        elif _is_closed_for_good(item.tags):
            left_out["closed for good"] += 1
        elif item.tags.get("access") in CLOSED_ACCESS:
            left_out["closed to the public"] += 1
        elif meant is None:
            left_out["condition of the tag not met"] += 1
        elif item.point is None:
            left_out["no position"] += 1
        elif not europe.holds(*item.point):
            left_out["outside Europe"] += 1
        elif (item.osm_type, item.osm_id) in rows:
            left_out["stands twice"] += 1
        else:
            rows[item.osm_type, item.osm_id] = _row(item, item.point, meant, table)
    ordered, merged = one_each([rows[key] for key in sorted(rows)], table)
    left_out.update(merged)
    return OsmPlaces(_table(ordered), dict(sorted(left_out.items())), snapshot)


def _table(places: list[Place]) -> pa.Table:
    """Return places as a table, column by column: a million rows are never all dicts."""
    columns = [
        pa.array([getattr(place, column.name) for place in places], column.type)
        for column in SCHEMA
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _row(item: OsmObject, point: Point, meant: Meaning, table: TagTable) -> Place:
    """Return one place."""
    facts = {name: _safe(item.tags.get(name)) for name in FACTS}
    return Place(
        osm_type=item.osm_type,
        osm_id=item.osm_id,
        name=_safe(item.tags.get("name")),
        kind=table.types[meant.types[0]].kind,
        type=meant.types[0],
        types=tuple(map(sys.intern, meant.types)),
        tag=sys.intern(meant.tag),
        entry=meant.entry,
        address=_address(item.tags),
        edited=item.edited,
        lon=round(point[0], 7),
        lat=round(point[1], 7),
        extent=item.extent,
        **facts,
    )


def _address(tags: dict[str, str]) -> str | None:
    """Return street and number, which tell a house; None where one is missing."""
    street = tags.get("addr:street") or tags.get("addr:place")
    number = tags.get("addr:housenumber")
    if not street or not number:
        return None
    town = tags.get("addr:postcode") or tags.get("addr:city") or ""
    return _safe(f"{street} {number} {town}")


def _safe(name: Any) -> str | None:
    """Return a text that is safe to show and export, else None: anybody can write one."""
    try:
        plain = str(name).translate(DIRECTION_MARKS)
        text = safe_text(" ".join(plain.split())) if name else None
    except CellError:
        return None
    return text if text and len(text) <= NAME_CHARACTERS else None


def _is_closed_for_good(tags: dict[str, str]) -> bool:
    """Tell whether an object says that it is no longer what its main tag names."""
    is_given_up = any(tags.get(key, "no") != "no" for key in CLOSED_TAGS)
    return is_given_up or tags.get("opening_hours") in {"closed", "off"}

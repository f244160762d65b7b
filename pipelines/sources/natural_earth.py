"""Read Natural Earth's roads: the publisher's zipped shapefile or GeoJSON, or Parquet.

Neither is read by GDAL.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from pipelines.core.areas import area
from pipelines.core.errors import SchemaDrift, SourceUnreadable, UnknownCode
from pipelines.io import archives
from pipelines.sources import shapefile
from pipelines.sources.features import features_of

if TYPE_CHECKING:
    from pipelines.core.registry import Source

_MAX_VERTICES = 5_000_000
_LINES = (1, 5)  # shapely's numbers of LineString and MultiLineString
_PARQUET_MAGIC = b"PAR1"

#: What the publisher calls its lines.
ROAD_TYPES = (
    "Major Highway",
    "Beltway",
    "Bypass",
    "Secondary Highway",
    "Road",
    "Track",
    "Winter Road",
    "Unknown",
    "Ferry Route",
    "Ferry",
    "Ferry, seasonal",
)


def read_roads(path: Path, declared: Source) -> pa.Table:
    """Read the roads that touch the box around Europe.

    Returns
    -------
    pyarrow.Table
        ``line_no`` (row of the file), ``type`` as published (one of :data:`ROAD_TYPES`;
        "Unknown" where it is empty), ``geometry`` (WKB lines, EPSG:4326). The schema's
        metadata holds ``outside``: how many lines of the world were left out.

    Raises
    ------
    SourceUnreadable
        Neither a zipped shapefile nor GeoJSON nor Parquet; a geometry that is no line, or
        not in degrees; no line in Europe; too large.
    SchemaDrift
        No ``type``, or none that is filled in: the file has no classes.
    UnknownCode
        A type that the publisher does not use.
    """
    types, shapes = _READERS[_kind(path)](path)
    if not any(types):
        raise SchemaDrift(
            f"{path}: field 'type' is empty in all {len(types)} rows; without classes of road "
            f"no speed is known. Allowed: {', '.join(ROAD_TYPES)}."
        )
    for number, name in enumerate(types, start=1):
        if name and name not in ROAD_TYPES:
            raise UnknownCode(
                f"{path}: row {number}: type '{name}' found; allowed: {', '.join(ROAD_TYPES)}."
            )
    inside = _in_europe(path, shapes)
    table = pa.table(
        {
            "line_no": pa.array(np.flatnonzero(inside) + 1, pa.int32()),
            "type": pa.array([t or "Unknown" for t in types], pa.string()).filter(pa.array(inside)),
            "geometry": pa.array(shapely.to_wkb(shapes[inside]).tolist(), pa.binary()),
        }
    )
    names = [name for name in declared.columns if name in table.column_names]
    notes = {"outside": str(int((~inside).sum()))}
    return table.select(names or table.column_names).replace_schema_metadata(notes)


def _kind(path: Path) -> str:
    """Tell the three kinds of file by their first bytes, not by the name."""
    if not path.is_file():
        raise SourceUnreadable(f"{path}: no such file. Run `hinterland fetch` first.")
    with path.open("rb") as stream:
        start = stream.read(4)
    return {_PARQUET_MAGIC: "parquet", archives.ZIP_MAGIC: "zip"}.get(start, "geojson")


def _shapefile(path: Path) -> tuple[list[str | None], NDArray[np.object_]]:
    lines = shapefile.read_lines(path, "type")
    return lines.texts, lines.shapes


def _parquet(path: Path) -> tuple[list[str | None], NDArray[np.object_]]:
    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise SourceUnreadable(f"{path}: cannot be read as Parquet ({error}).") from error
    if missing := [n for n in ("type", "geometry") if n not in table.column_names]:
        raise SchemaDrift(f"{path}: no field {missing}; found {table.column_names}.")
    try:
        shapes = shapely.from_wkb(np.array(table["geometry"].to_pylist(), dtype=object))
    except (shapely.errors.GEOSException, TypeError) as error:
        raise SourceUnreadable(f"{path}: field 'geometry' is no WKB ({error}).") from error
    return table["type"].to_pylist(), shapes


def _geojson(path: Path) -> tuple[list[str | None], NDArray[np.object_]]:
    features = features_of(path)
    types: list[str | None] = []
    for number, feature in enumerate(features, start=1):
        row = feature.get("properties") or {}
        if "type" not in row:
            raise SchemaDrift(f"{path}: row {number}: no field 'type'; it has {sorted(row)}.")
        types.append(row["type"])
    try:
        shapes = shapely.from_geojson([json.dumps(feature.get("geometry")) for feature in features])
    except shapely.errors.GEOSException as error:
        raise SourceUnreadable(f"{path}: a geometry cannot be read ({error}).") from error
    return types, shapes


_READERS = {"parquet": _parquet, "zip": _shapefile, "geojson": _geojson}


def _in_europe(path: Path, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Check the lines, and tell which touch the box around Europe."""
    odd = ~np.isin(shapely.get_type_id(shapes), _LINES) | shapely.is_empty(shapes)
    if odd.any():
        number = int(np.flatnonzero(odd)[0]) + 1
        raise SourceUnreadable(f"{path}: row {number}: geometry is no line, or an empty one.")
    vertices = int(shapely.get_num_coordinates(shapes).sum())
    if vertices > _MAX_VERTICES:
        raise SourceUnreadable(f"{path}: {vertices:,} vertices, at most {_MAX_VERTICES:,} allowed.")
    west, south, east, north = shapely.bounds(shapes).T
    on_earth = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    if not on_earth.all():
        number = int(np.flatnonzero(~on_earth)[0])
        raise SourceUnreadable(
            f"{path}: row {number + 1}: bounds {shapely.bounds(shapes)[number].round(2).tolist()} "
            "are no degrees; longitude and latitude (EPSG:4326) are allowed."
        )
    europe = area("europe")
    inside: NDArray[np.bool_] = (east >= europe.west) & (west <= europe.east)
    inside &= (north >= europe.south) & (south <= europe.north)
    if not inside.any():
        raise SourceUnreadable(
            f"{path}: none of {len(shapes)} lines lies in Europe ({europe.words()}); the first "
            f"has bounds {shapely.bounds(shapes)[0].round(2).tolist()}."
        )
    return inside

"""Read GISCO's files: NUTS boundaries (GeoJSON) and healthcare services (CSV).

GeoJSON is read by ``json`` and shapely, never by GDAL: GDAL trusts a file's content
over its name and would follow a file that points at other files.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import ArrayLike, NDArray

from pipelines.core.areas import area
from pipelines.core.errors import SchemaDrift, SourceUnreadable, UnknownCode
from pipelines.io import outlines
from pipelines.nuts import codes as nuts
from pipelines.sources.features import features_of

if TYPE_CHECKING:
    from pipelines.core.registry import Source

_MAX_VERTICES = 5_000_000
_TYPES = {"URBN_TYPE": (0, 1, 2, 3), "MOUNT_TYPE": (0, 1, 2, 3, 4), "COAST_TYPE": (0, 1, 2, 3)}
_FIELDS = ("NUTS_ID", "LEVL_CODE", "CNTR_CODE", "NAME_LATN", "NUTS_NAME", *sorted(_TYPES))


def read_boundaries(path: Path, declared: Source) -> pa.Table:
    """Read NUTS boundaries of one vintage.

    Returns
    -------
    pyarrow.Table
        ``nuts_id, levl_code, cntr_code, name_latn, nuts_name, coast_type, mount_type,
        urbn_type`` as published (null where the publisher has none), ``geometry``
        (WKB, EPSG:4326, valid). The schema's metadata holds ``repaired``: how many
        geometries had to be made valid.

    Raises
    ------
    SourceUnreadable
        No GeoJSON, another CRS, a geometry that is no polygon or lies outside the
        area of NUTS, too many vertices, an identifier twice.
    SchemaDrift, UnknownCode
        Properties differ; a code is no NUTS code or not of its level and country.
    """
    features = features_of(path)
    rows = [_properties(path, index, feature) for index, feature in enumerate(features)]
    ids = Counter(row["NUTS_ID"] for row in rows)
    twice = [code for code, count in ids.items() if count > 1]
    if twice:
        raise SourceUnreadable(f"{path}: NUTS_ID {twice[0]!r} stands there twice; once is allowed.")
    shapes, repaired = _geometries(path, features, [row["NUTS_ID"] for row in rows])
    columns = {name.lower(): [row[name] for row in rows] for name in _FIELDS}
    table = pa.table({**columns, "geometry": shapely.to_wkb(shapes)}).replace_schema_metadata(
        {"repaired": str(repaired)}
    )
    declared_columns = [name for name in declared.columns if name in table.column_names]
    return table.select(declared_columns or table.column_names)


def _properties(path: Path, index: int, feature: dict[str, Any]) -> dict[str, Any]:
    row = feature.get("properties") or {}
    lacking = [name for name in _FIELDS if name not in row]
    if lacking:
        raise SchemaDrift(f"{path}: feature {index}: no {lacking}; it has {sorted(row)}.")
    code, level = row["NUTS_ID"], row["LEVL_CODE"]
    if not nuts.is_nuts(code) or nuts.level(code) != level or code[:2] != row["CNTR_CODE"]:
        raise UnknownCode(
            f"{path}: feature {index}: NUTS_ID {code!r}, LEVL_CODE {level!r}, CNTR_CODE"
            f" {row['CNTR_CODE']!r} do not belong together."
        )
    for name, allowed in _TYPES.items():
        if row[name] is not None and row[name] not in allowed:
            raise UnknownCode(f"{path}: {code}: {name} {row[name]!r} found; {allowed} allowed.")
    return row


def _geometries(
    path: Path, features: list[dict[str, Any]], ids: list[str]
) -> tuple[np.ndarray, int]:
    try:
        shapes = shapely.from_geojson([json.dumps(feature.get("geometry")) for feature in features])
    except shapely.errors.GEOSException as error:
        raise SourceUnreadable(f"{path}: a geometry cannot be read ({error}).") from error
    kinds = shapely.get_type_id(shapes)
    odd = np.flatnonzero(~np.isin(kinds, (3, 6)) | shapely.is_empty(shapes))
    if odd.size:
        raise SourceUnreadable(f"{path}: {ids[odd[0]]}: no (multi)polygon, or an empty one.")
    vertices = int(shapely.get_num_coordinates(shapes).sum())
    if vertices > _MAX_VERTICES:
        raise SourceUnreadable(f"{path}: {vertices:,} vertices, at most {_MAX_VERTICES:,} allowed.")
    bounds, nuts_land = shapely.bounds(shapes), area("nuts")
    inside = nuts_land.holds(*bounds.T[:2]) & nuts_land.holds(*bounds.T[2:])
    if not inside.all():
        index = int(np.flatnonzero(~inside)[0])
        raise SourceUnreadable(
            f"{path}: {ids[index]}: bounds {bounds[index].round(2).tolist()} lie outside"
            f" {nuts_land.words()} (degrees)."
        )
    try:
        return outlines.valid(shapes)
    except ValueError as error:
        raise SourceUnreadable(f"{path}: {error}. Fetch it again.") from error


def in_bounds(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Tell which points are finite and within the area of all NUTS land, overseas too."""
    return area("nuts").holds(lon, lat)

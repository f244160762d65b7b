"""Static map files: geometry that the browser fetches once.

Outlines are projected to EPSG:3035 and written in kilometres on a grid of 0.1 km, so
that a map of Europe in equal areas needs no tiles and no projection in the browser.
A map layer names a file by its address; a rerun sends only what changed.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import shapely
from numpy.typing import NDArray

from pipelines.core.pointer import sites_name
from pipelines.geo.projection import geometry_to_laea, to_laea
from pipelines.geo.symbols import symbol_radius
from pipelines.runner.rows import one_row

GRID_KM = 0.1
#: Grid and decimals of the outlines that are drawn when a map is near.
NEAR_KM, NEAR_DIGITS = 0.01, 2
_SLIVER_KM2 = 0.05  # a smaller gap between two parts of a region is none
#: A feature of GeoJSON, its properties, or a piece of a border: what is written as JSON.
Feature = dict[str, Any]


def to_map_km(shapes: NDArray[np.object_], grid: float = GRID_KM) -> NDArray[np.object_]:
    """Project geometries from EPSG:4326 to EPSG:3035 in km, on a grid of so many km."""
    flat = geometry_to_laea(shapes)
    return shapely.transform(flat, lambda xy: (xy / 1000 / grid).round() * grid)


def _rings(shape: shapely.Geometry, digits: int = 1) -> list[list[list[list[float]]]]:
    """Return GeoJSON MultiPolygon coordinates without repeated points."""
    polygons = []
    for polygon in shapely.get_parts(shape):
        rings = []
        for ring in [polygon.exterior, *polygon.interiors]:
            xy = np.round(shapely.get_coordinates(ring), digits)
            distinct = np.r_[True, np.any(np.diff(xy, axis=0) != 0, axis=1)]
            if distinct.sum() >= 4:
                rings.append(xy[distinct].tolist())
        if rings:
            polygons.append(rings)
    return polygons


def _feature(index: int, properties: Feature, shape: shapely.Geometry) -> Feature:
    return {
        "type": "Feature",
        "properties": {"i": index, **properties},
        "geometry": {"type": "MultiPolygon", "coordinates": _rings(shape)},
    }


def _borders(features: list[Feature], with_coast: bool) -> list[Feature]:
    """Return each piece of the borders once: ``a`` and ``b``, its ends in km.

    Without the coast only what two regions share is left: a third less to draw.
    """
    pieces = []
    for feature in features:
        for polygon in feature["geometry"]["coordinates"]:
            for ring in polygon:
                points = np.rint(np.array(ring) * 10).astype(np.int64)
                pieces.append(np.hstack([points[:-1], points[1:]]))
    ends = np.vstack(pieces)
    # Neighbours go along a common border in opposite directions.
    back = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
    ends[back] = ends[back][:, [2, 3, 0, 1]]
    unique, sides = np.unique(ends, axis=0, return_counts=True)
    drawn = unique[(sides > 1) | with_coast] / 10
    return [{"a": [a, b], "b": [c, d]} for a, b, c, d in drawn.tolist()]


def _dump(path: Path, content: object) -> None:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    # Stored compressed once; mtime=0 keeps two builds alike.
    path.write_bytes(gzip.compress(text, compresslevel=6, mtime=0))


def write_map_files(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write ``regions-…``, ``borders-…``, ``near-…``, ``land``, ``bounds``, ``towns``, ``sites-…``.

    All are gzipped JSON.

    Where the boundaries of NUTS 2024 were fetched there are ``regions-2024-<level>`` and
    ``bounds-2024`` as well. Regions and towns carry ``i``, their position in the order of
    their identifier within the file; pages colour them by it. ``bounds`` maps each region's code
    to its box on the map (west, south, east, north in km).
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_regions(con, folder, "from marts.regions", "")
    later = "from indicators.ind_region__list where nuts_version = 2024 and geometry is not null"
    if one_row(con.execute(f"select count(*) {later}"))[0]:
        _write_regions(con, folder, later, "-2024")
    land = con.execute("select name, geometry from raw.natural_earth_land order by name").fetchall()
    shapes = to_map_km(shapely.segmentize(shapely.from_wkb([r[1] for r in land]), 0.5))
    features = [_feature(i, {}, shape) for i, shape in enumerate(shapes)]
    _dump(folder / "land.json.gz", {"type": "FeatureCollection", "features": features})
    _write_near(con, folder)
    write_towns(con, folder)
    write_sites(con, folder)


def _without_slivers(part: shapely.Polygon) -> shapely.Polygon:
    holes = [ring for ring in part.interiors if shapely.Polygon(ring).area > _SLIVER_KM2]
    return shapely.Polygon(part.exterior, holes)


def _write_near(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write ``near-<level>``: each polygon of the finer outlines as a feature with its box.

    Outlines of larger regions are the union of those of level 3, so that borders of two levels
    lie on each other. ``i`` is the region's position in ``regions-<level>``.
    """
    rows = con.execute("select nuts_id, geometry from raw.gisco_nuts_2021_near").fetchall()
    smallest = to_map_km(shapely.from_wkb([row[1] for row in rows]), NEAR_KM)
    codes = np.array([row[0] for row in rows])
    names = con.execute("select level, nuts_id, name from marts.regions order by 1, 2").fetchall()
    for level in range(4):
        own = codes.astype(f"U{level + 2}")
        at_level = [(code, name) for of, code, name in names if of == level]
        features = []
        for i, (code, name) in enumerate(at_level):
            whole = shapely.union_all(smallest[own == code])
            for part in map(_without_slivers, shapely.get_parts(whole)):
                feature = {
                    "type": "Feature",
                    "properties": {"i": i, "id": code, "name": name},
                    "geometry": {"type": "MultiPolygon", "coordinates": _rings(part, NEAR_DIGITS)},
                }
                features.append({"box": np.round(part.bounds, 2).tolist(), "feature": feature})
        _dump(folder / f"near-{level}.json.gz", features)


def _write_regions(con: duckdb.DuckDBPyConnection, folder: Path, selection: str, mark: str) -> None:
    """Write the regions of each level of one vintage, and their boxes."""
    rows = con.execute(
        f"select level, nuts_id, name, geometry {selection} order by level, nuts_id"
    ).fetchall()
    shapes = to_map_km(shapely.from_wkb([r[3] for r in rows]))
    boxes = shapely.bounds(shapes).round(1).tolist()
    bounds = {row[1]: box for row, box in zip(rows, boxes, strict=True)}
    for level in range(4):
        at_level = [
            (row, shape) for row, shape in zip(rows, shapes, strict=True) if row[0] == level
        ]
        features = [
            _feature(i, {"id": row[1], "name": row[2]}, shape)
            for i, (row, shape) in enumerate(at_level)
        ]
        _dump(
            folder / f"regions{mark}-{level}.json.gz",
            {"type": "FeatureCollection", "features": features},
        )
        # Countries are a pale ground on maps of towns: there the coast must be drawn.
        _dump(folder / f"borders{mark}-{level}.json.gz", _borders(features, level == 0))
    _dump(folder / f"bounds{mark}.json.gz", bounds)


def write_towns(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the settlements as points in km with ``i``, ``id``, ``name``, ``r`` and ``p``.

    ``r`` is the radius in km of a circle whose area follows the population ``p``.
    """
    towns = con.execute(
        "select geonameid, name, lon, lat, population from marts.towns order by geonameid"
    ).fetchnumpy()
    x, y = to_laea(np.asanyarray(towns["lon"]), np.asanyarray(towns["lat"]))
    radius = symbol_radius(np.asanyarray(towns["population"]))
    rows = [
        _point(a, b, {"i": i, "id": int(g), "name": n, "r": round(float(r), 1), "p": int(p)})
        for i, (g, n, a, b, r, p) in enumerate(
            zip(towns["geonameid"], towns["name"], x, y, radius, towns["population"], strict=True)
        )
    ]
    _dump(folder / "towns.json.gz", rows)


def write_sites(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write ``sites-<service>``: points in km of each service's sites that are used.

    ``id`` is the site's, ``i`` its position in the file, ``name`` its name in words.
    """
    services = con.execute("select distinct service from marts.service_sites order by 1").fetchall()
    for (service,) in services:
        sites = con.execute(
            "select lon, lat, site_id, label from marts.service_sites "
            "where service = ? and geonameid is not null order by site_id",
            [service],
        ).fetchnumpy()
        x, y = to_laea(np.asanyarray(sites["lon"]), np.asanyarray(sites["lat"]))
        texts = zip(sites["site_id"], sites["label"], strict=True)
        facts = [{"id": id_, "i": i, "name": name} for i, (id_, name) in enumerate(texts)]
        _dump(
            folder / f"{sites_name(service)}.json.gz",
            [_point(a, b, fact) for a, b, fact in zip(x, y, facts, strict=True)],
        )


def _point(x: float, y: float, properties: Feature) -> Feature:
    """Return a GeoJSON feature of a place given in metres."""
    position = [round(float(x) / 1000, 1), round(float(y) / 1000, 1)]
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": position},
        "properties": properties,
    }

"""Static map files: geometry that the browser fetches once.

Outlines are projected to EPSG:3035 and written in kilometres on a grid of 0.1 km, so
that a map of Europe in equal areas needs no tiles and no projection in the browser.
A map layer names a file by its address; a rerun sends only what changed.
"""

from __future__ import annotations

import itertools
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import shapely
from numpy.typing import NDArray

from pipelines.core.pointer import sites_name
from pipelines.geo.projection import geometry_to_laea, to_laea
from pipelines.geo.symbols import symbol_radius
from pipelines.runner.parts import Files, Parts

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


def _packed(pieces: Iterable[str]) -> bytes:
    """Return pieces of a text, gzipped; the time in the header is 0, so that builds are alike."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    packed = [packer.compress(piece.encode("utf-8")) for piece in pieces]
    return b"".join([*packed, packer.flush()])


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _listed(items: Iterable[object]) -> Iterator[str]:
    """Yield a JSON list piece by piece: a text of all would take tens of megabytes at once."""
    mark = "["
    for item in items:
        yield mark + _json(item)
        mark = ","
    yield "]" if mark == "," else "[]"


def _collected(features: Iterable[Feature]) -> bytes:
    """Return a GeoJSON FeatureCollection, gzipped."""
    head = '{"type":"FeatureCollection","features":'
    return _packed(itertools.chain([head], _listed(features), ["}"]))


@dataclass(frozen=True)
class Sheet:
    """Map files that are drawn from the same tables.

    Attributes
    ----------
    name : str
    needs : frozenset of str
        Tables that must be there.
    rows : str
        The SELECT of all that is drawn.
    draw : callable
        Takes a connection and the SELECT; returns files by name.
    """

    name: str
    needs: frozenset[str]
    rows: str
    draw: Callable[[duckdb.DuckDBPyConnection, str], Files]


def write_map_files(
    con: duckdb.DuckDBPyConnection, sheet: Sheet, folder: Path, parts: Parts | None = None
) -> None:
    """Write the files of a sheet, gzipped JSON: drawn, or those that were drawn of the same rows.

    The sheets give ``regions-…``, ``borders-…``, ``near-…``, ``bounds``, ``land``, ``towns`` and
    ``sites-…``.
    Where the boundaries of NUTS 2024 were fetched there are ``regions-2024-<level>`` and
    ``bounds-2024`` as well. Regions and towns carry ``i``, their position in the order of
    their identifier within the file; pages colour them by it. ``bounds`` maps each region's code
    to its box on the map (west, south, east, north in km).
    """

    def draw() -> Files:
        return sheet.draw(con, sheet.rows)

    files = parts.files(con, f"maps.{sheet.name}", [sheet.rows], draw) if parts else draw()
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.json.gz").write_bytes(content)


def _land(con: duckdb.DuckDBPyConnection, rows: str) -> Files:
    """Draw the land around the regions."""
    land = con.execute(f"{rows} order by name").fetchall()
    shapes = to_map_km(shapely.segmentize(shapely.from_wkb([r[1] for r in land]), 0.5))
    return {"land": _collected(_feature(i, {}, shape) for i, shape in enumerate(shapes))}


def _regions(con: duckdb.DuckDBPyConnection, selection: str, mark: str = "") -> Files:
    """Draw the regions of each level of one vintage, their borders and their boxes."""
    rows = con.execute(f"{selection} order by level, nuts_id").fetchall()
    if not rows:
        return {}
    shapes = to_map_km(shapely.from_wkb([r[3] for r in rows]))
    boxes = shapely.bounds(shapes).round(1).tolist()
    bounds = {row[1]: box for row, box in zip(rows, boxes, strict=True)}
    files: Files = {}
    for level in range(4):
        at_level = [
            (row, shape) for row, shape in zip(rows, shapes, strict=True) if row[0] == level
        ]
        features = [
            _feature(i, {"id": row[1], "name": row[2]}, shape)
            for i, (row, shape) in enumerate(at_level)
        ]
        files[f"regions{mark}-{level}"] = _collected(features)
        # Countries are a pale ground on maps of towns: there the coast must be drawn.
        files[f"borders{mark}-{level}"] = _packed(_listed(_borders(features, level == 0)))
    return files | {f"bounds{mark}": _packed([_json(bounds)])}


def _towns(con: duckdb.DuckDBPyConnection, rows: str) -> Files:
    """Draw the settlements as points in km with ``i``, ``id``, ``name``, ``r`` and ``p``.

    ``r`` is the radius in km of a circle whose area follows the population ``p``.
    """
    towns = con.execute(f"{rows} order by geonameid").fetchnumpy()
    x, y = to_laea(np.asanyarray(towns["lon"]), np.asanyarray(towns["lat"]))
    radius = symbol_radius(np.asanyarray(towns["population"]))
    points = (
        _point(a, b, {"i": i, "id": int(g), "name": n, "r": round(float(r), 1), "p": int(p)})
        for i, (g, n, a, b, r, p) in enumerate(
            zip(towns["geonameid"], towns["name"], x, y, radius, towns["population"], strict=True)
        )
    )
    return {"towns": _packed(_listed(points))}


def _sites(con: duckdb.DuckDBPyConnection, rows: str) -> Files:
    """Draw each service's sites that are used, as points in km.

    ``id`` is the site's, ``i`` its position in the file, ``name`` its name in words.
    """
    services = con.execute(f"select distinct service from ({rows}) order by 1").fetchall()
    files: Files = {}
    for (service,) in services:
        sites = con.execute(
            f"select * from ({rows}) where service = ? and is_used order by site_id", [service]
        ).fetchnumpy()
        x, y = to_laea(np.asanyarray(sites["lon"]), np.asanyarray(sites["lat"]))
        texts = zip(sites["site_id"], sites["label"], strict=True)
        facts = [{"id": id_, "i": i, "name": name} for i, (id_, name) in enumerate(texts)]
        points = (_point(a, b, fact) for a, b, fact in zip(x, y, facts, strict=True))
        files[sites_name(service)] = _packed(_listed(points))
    return files


def _point(x: float, y: float, properties: Feature) -> Feature:
    """Return a GeoJSON feature of a place given in metres."""
    position = [round(float(x) / 1000, 1), round(float(y) / 1000, 1)]
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": position},
        "properties": properties,
    }


def _without_slivers(part: shapely.Polygon) -> shapely.Polygon:
    holes = [ring for ring in part.interiors if shapely.Polygon(ring).area > _SLIVER_KM2]
    return shapely.Polygon(part.exterior, holes)


def _near(con: duckdb.DuckDBPyConnection, selection: str) -> Files:
    """Draw ``near-<level>``: each polygon of the finer outlines as a feature with its box.

    Outlines of larger regions are the union of those of level 3, so that borders of two levels
    lie on each other. ``i`` is the region's position in ``regions-<level>``.
    """
    rows = con.execute(f"{selection} order by level, nuts_id").fetchall()
    known = [row for row in rows if row[3] is not None]
    smallest = to_map_km(shapely.from_wkb([row[3] for row in known]), NEAR_KM)
    codes = np.array([row[1] for row in known])
    files: Files = {}
    for level in range(4):
        own = codes.astype(f"U{level + 2}")
        features: list[Feature] = []
        for i, (_level, code, name, _shape) in enumerate(r for r in rows if r[0] == level):
            whole = shapely.union_all(smallest[own == code])
            for part in map(_without_slivers, shapely.get_parts(whole)):
                feature = {
                    "type": "Feature",
                    "properties": {"i": i, "id": code, "name": name},
                    "geometry": {"type": "MultiPolygon", "coordinates": _rings(part, NEAR_DIGITS)},
                }
                features.append({"box": np.round(part.bounds, 2).tolist(), "feature": feature})
        files[f"near-{level}"] = _packed(_listed(features))
    return files


#: All map files, in pieces that can be drawn as soon as their tables are there.
SHEETS = (
    Sheet(
        "land",
        frozenset({"raw.natural_earth_land"}),
        "select name, geometry from raw.natural_earth_land",
        _land,
    ),
    Sheet(
        "regions",
        frozenset({"marts.regions"}),
        "select level, nuts_id, name, geometry from marts.regions",
        _regions,
    ),
    Sheet(
        "near",
        frozenset({"marts.regions", "raw.gisco_nuts_2021_near"}),
        "select level, nuts_id, name, near.geometry from marts.regions "
        "left join raw.gisco_nuts_2021_near as near using (nuts_id)",
        _near,
    ),
    Sheet(
        "regions-2024",
        frozenset({"indicators.ind_region__list"}),
        "select level, nuts_id, name, geometry from indicators.ind_region__list "
        "where nuts_version = 2024 and geometry is not null",
        partial(_regions, mark="-2024"),
    ),
    Sheet(
        "towns",
        frozenset({"marts.towns"}),
        "select geonameid, name, lon, lat, population from marts.towns",
        _towns,
    ),
    Sheet(
        "sites",
        frozenset({"marts.service_sites"}),
        # A service without a site in use has a file too, an empty one.
        "select service, lon, lat, site_id, label, geonameid is not null as is_used "
        "from marts.service_sites",
        _sites,
    ),
)

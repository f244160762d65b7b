"""A point for what OpenStreetMap draws as a line or an area."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from pipelines.places.osm_objects import Extent, Point

Floats = NDArray[np.float64]
_LEAST_RING = 4


def middle(corners: Floats) -> tuple[Point | None, Extent | None]:
    """Return a point for a line or a ring, and its extent.

    Parameters
    ----------
    corners : ndarray, shape (n, 2)
        Degrees (EPSG:4326); a ring ends where it begins.

    Returns
    -------
    point : (lon, lat) or None
        Of a ring the centroid, or where that lies outside a point inside; of a line its middle.
    extent : (west, south, east, north) or None
    """
    if not len(corners):
        return None, None
    if len(corners) == 1:
        return (float(corners[0, 0]), float(corners[0, 1])), None
    low, high = corners.min(axis=0), corners.max(axis=0)
    extent = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    is_ring = len(corners) >= _LEAST_RING and bool((corners[0] == corners[-1]).all())
    form = shapely.Polygon(corners) if is_ring else shapely.LineString(corners)
    return _point_of(form, extent), extent


def middle_of_ways(lines: list[Floats]) -> tuple[Point | None, Extent | None]:
    """Return a point for an area whose outline is several ways, and its extent.

    The ways are joined to rings and the largest counts; ways that close no ring, as at the edge
    of an extract, count as the longest line that they form.
    """
    sound = [line for line in lines if len(line) > 1]
    if len(sound) <= 1:
        return middle(sound[0] if sound else (lines[0] if lines else np.empty((0, 2))))
    merged = shapely.line_merge(shapely.MultiLineString([shapely.LineString(x) for x in sound]))
    parts = [np.asarray(part.coords) for part in getattr(merged, "geoms", [merged])]
    rings = [p for p in parts if len(p) >= _LEAST_RING and (p[0] == p[-1]).all()]
    if rings:
        areas = [shapely.Polygon(ring).area for ring in rings]
        return middle(rings[int(np.argmax(areas))])
    return middle(parts[int(np.argmax([shapely.LineString(p).length for p in parts]))])


def _point_of(form: shapely.Polygon | shapely.LineString, extent: Extent) -> Point:
    if isinstance(form, shapely.LineString):
        spot = form.interpolate(0.5, normalized=True)
    else:
        # Of a ring that crosses itself no crossing is computed: of 300 corners it takes 13 seconds.
        spot = form.centroid if form.is_valid else form.representative_point()
        if form.is_valid and not form.contains(spot):
            spot = form.representative_point()
    if spot.is_empty:
        return (extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2
    return float(spot.x), float(spot.y)

"""From degrees (EPSG:4326) to the plane of EPSG:3035 and to the sphere."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely

EARTH_RADIUS_KM = 6371.0088  # mean radius of the IUGG's sphere
_TO_LAEA = pyproj.Transformer.from_crs(4326, 3035, always_xy=True)


def to_laea(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Project degrees (EPSG:4326) to metres (EPSG:3035); both of shape (n,)."""
    return _TO_LAEA.transform(lon, lat)


def geometry_to_laea(shapes: np.ndarray) -> np.ndarray:
    """Project geometries from EPSG:4326 to EPSG:3035 (metres)."""
    return shapely.transform(shapes, lambda xy: np.column_stack(to_laea(xy[:, 0], xy[:, 1])))


def unit_vectors(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return points on the unit sphere, shape (n, 3), from degrees."""
    lam, phi = np.radians(lon), np.radians(lat)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def chord(km: np.ndarray | float) -> np.ndarray | float:
    """Return the chord on the unit sphere of a great-circle distance in km."""
    return 2 * np.sin(np.minimum(np.asarray(km) / (2 * EARTH_RADIUS_KM), np.pi / 2))

"""Coordinates: spherical lengths and the plane in which neighbours are found."""

from __future__ import annotations

import numpy as np
import pyproj
from numpy.typing import NDArray

EARTH_RADIUS_KM = 6371.0088  # mean radius of the IUGG's sphere

_TO_PLANE = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3035", always_xy=True)


def to_plane(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Project longitude and latitude (EPSG:4326) to EPSG:3035, in kilometres.

    Returns
    -------
    ndarray, shape (n, 2)
    """
    x, y = _TO_PLANE.transform(lon, lat)
    return np.column_stack([x, y]) / 1000.0


def to_sphere(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Place points on the sphere, in kilometres from the Earth's centre, shape (n, 3).

    Straight distances between such points are chords: they order like
    great-circle distances, so a k-d tree over them has no trouble with poles
    or with stretched degrees.
    """
    lam, phi = np.radians(lon), np.radians(lat)
    return EARTH_RADIUS_KM * np.column_stack(
        [np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)]
    )


def chord_to_arc(chord_km: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn straight distances through the sphere into great-circle ones (km)."""
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.clip(chord_km / (2 * EARTH_RADIUS_KM), 0, 1))


def arc_km(
    sphere: NDArray[np.float64], a: NDArray[np.integer], b: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Great-circle distance in kilometres between points ``a`` and ``b`` of ``sphere``."""
    return chord_to_arc(np.linalg.norm(sphere[a] - sphere[b], axis=1))

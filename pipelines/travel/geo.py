"""Coordinates: spherical lengths and the plane in which neighbours are found."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipelines.geometry import EARTH_RADIUS_KM, to_laea, unit_vectors


def to_plane(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Project longitude and latitude (EPSG:4326) to EPSG:3035, in kilometres.

    Returns
    -------
    ndarray, shape (n, 2)
    """
    return np.column_stack(to_laea(lon, lat)) / 1000.0


def to_sphere(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Place points on the sphere, in kilometres from the Earth's centre, shape (n, 3).

    Straight distances between such points are chords: they order like
    great-circle distances, so a k-d tree over them has no trouble with poles
    or with stretched degrees.
    """
    return EARTH_RADIUS_KM * unit_vectors(lon, lat)


def chord_to_arc(chord_km: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn straight distances through the sphere into great-circle ones (km)."""
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.clip(chord_km / (2 * EARTH_RADIUS_KM), 0, 1))


def arc_km(
    sphere: NDArray[np.float64], a: NDArray[np.integer], b: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Great-circle distance in kilometres between points ``a`` and ``b`` of ``sphere``."""
    return chord_to_arc(np.linalg.norm(sphere[a] - sphere[b], axis=1))

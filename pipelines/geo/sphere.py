"""Points on the sphere and great-circle distances."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

EARTH_RADIUS_KM = 6371.0088  # mean radius of the IUGG's sphere


def unit_vectors(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return points on the unit sphere, shape (n, 3), from degrees."""
    lam, phi = np.radians(lon), np.radians(lat)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def chord(km: np.ndarray | float) -> np.ndarray | float:
    """Return the chord on the unit sphere of a great-circle distance in km."""
    return 2 * np.sin(np.minimum(np.asarray(km) / (2 * EARTH_RADIUS_KM), np.pi / 2))


def km_between(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Return the great-circle distance in km of two points in degrees."""
    a, b = to_sphere(np.array([lon_a, lon_b]), np.array([lat_a, lat_b]))
    return float(chord_to_arc(np.array([np.linalg.norm(a - b)]))[0])


def to_sphere(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Place points on the sphere, in kilometres from the Earth's centre, shape (n, 3).

    Straight distances between such points are chords: they order like
    great-circle distances, so a k-d tree over them has no trouble with poles
    or with stretched degrees.
    """
    return EARTH_RADIUS_KM * unit_vectors(lon, lat)


def chord_to_arc(chord_km: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn straight distances through the sphere into great-circle ones (km).

    Examples
    --------
    Berlin to Paris:

    >>> cities = to_sphere(np.array([13.405, 2.352]), np.array([52.52, 48.857]))
    >>> round(float(chord_to_arc(np.linalg.norm(cities[0] - cities[1]))))
    877
    """
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.clip(chord_km / (2 * EARTH_RADIUS_KM), 0, 1))


def arc_km(
    sphere: NDArray[np.float64], a: NDArray[np.integer], b: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Great-circle distance in kilometres between points ``a`` and ``b`` of ``sphere``."""
    return chord_to_arc(np.linalg.norm(sphere[a] - sphere[b], axis=1))

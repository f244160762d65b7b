"""From degrees (EPSG:4326) to the plane of EPSG:3035, and back."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

_TO_LAEA = pyproj.Transformer.from_crs(4326, 3035, always_xy=True)
_FROM_LAEA = pyproj.Transformer.from_crs(3035, 4326, always_xy=True)


def to_laea(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Project degrees (EPSG:4326) to metres (EPSG:3035); both of shape (n,).

    Examples
    --------
    The projection's centre, 10° E 52° N:

    >>> [round(float(v[0])) for v in to_laea(np.array([10.0]), np.array([52.0]))]
    [4321000, 3210000]
    """
    return _TO_LAEA.transform(lon, lat)


def from_laea(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return degrees (EPSG:4326) of places in metres (EPSG:3035); both of shape (n,).

    Examples
    --------
    >>> [round(float(v[0]), 6) for v in from_laea(np.array([4321000.0]), np.array([3210000.0]))]
    [10.0, 52.0]
    """
    return _FROM_LAEA.transform(x, y)


def geometry_to_laea(shapes: np.ndarray) -> np.ndarray:
    """Project geometries from EPSG:4326 to EPSG:3035 (metres)."""
    return shapely.transform(shapes, lambda xy: np.column_stack(to_laea(xy[:, 0], xy[:, 1])))


def to_plane(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Project longitude and latitude (EPSG:4326) to EPSG:3035, in kilometres.

    Returns
    -------
    ndarray, shape (n, 2)
    """
    return np.column_stack(to_laea(lon, lat)) / 1000.0

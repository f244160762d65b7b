"""Files and places of a map, as pages name them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.core.pointer import sites_name
from pipelines.geo.projection import from_laea, to_laea
from pipelines.serve import web
from pipelines.serve.store import Store


def on_map(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return places on the map.

    Parameters
    ----------
    lon, lat : array_like of float, any shape
        Degrees, EPSG:4326.

    Returns
    -------
    x, y : ndarray of float64, the same shape
        Kilometres, EPSG:3035.
    """
    x, y = to_laea(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
    return x / 1000, y / 1000


def from_map(x: float, y: float) -> tuple[float, float]:
    """Return longitude and latitude (EPSG:4326) of a place on the map (km, EPSG:3035)."""
    lon, lat = from_laea(np.asarray([x * 1000.0]), np.asarray([y * 1000.0]))
    return float(lon[0]), float(lat[0])


def address(store: Store, name: str) -> str:
    """Return the address of a map file of the served database."""
    return web.map_address(store.pointer.file.removesuffix(".duckdb"), name)


def near_address(store: Store, level: int) -> str:
    """Return the address of the finer outlines of a level, with places for z, x and y."""
    return web.near_address(store.pointer.file.removesuffix(".duckdb"), level)


def sites_address(store: Store, service: str) -> str:
    """Return the address of the file of a service's sites."""
    return address(store, sites_name(service))

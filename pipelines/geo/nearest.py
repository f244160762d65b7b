"""The nearest settlement of any point: one tree, one distance, one rule of what is too far."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from pipelines.geo.sphere import chord_to_arc, to_sphere

_BLOCK = 500_000  # points that are sought at once, so that memory stays bounded


class SettlementTree:
    """Settlements by nearness on the sphere.

    Parameters
    ----------
    lon, lat : array_like, shape (n,)
        Settlements in degrees (EPSG:4326).

    Examples
    --------
    >>> tree = SettlementTree([9.0, 10.0], [51.0, 51.0])
    >>> at, km = tree.nearest([9.1, 30.0], [51.0, 51.0], max_km=30)
    >>> at.tolist(), km.round(1).tolist()
    ([0, -1], [7.0, 1395.2])
    """

    def __init__(self, lon: ArrayLike, lat: ArrayLike) -> None:
        self._tree = cKDTree(to_sphere(np.asarray(lon), np.asarray(lat)))

    def nearest(
        self, lon: ArrayLike, lat: ArrayLike, max_km: float = np.inf
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the nearest settlement of each point and the great-circle distance to it.

        Parameters
        ----------
        lon, lat : array_like, shape (m,)
            Points in degrees (EPSG:4326).
        max_km : float
            A settlement farther away is none.

        Returns
        -------
        position : ndarray of int, shape (m,)
            Position of the settlement; -1 where none is within ``max_km``.
        km : ndarray, shape (m,)
            Distance to the nearest one, also where it is too far.
        """
        lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
        position, km = np.empty(len(lon), dtype=np.int64), np.empty(len(lon))
        for low in range(0, len(lon), _BLOCK):
            block = slice(low, low + _BLOCK)
            chord, position[block] = self._tree.query(to_sphere(lon[block], lat[block]))
            km[block] = chord_to_arc(chord)
        position[km > max_km] = -1
        return position, km

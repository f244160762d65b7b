"""Facilities as arrays, and where they stand on the network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pipelines.errors import InputError
from pipelines.travel.constants import TravelConstants
from pipelines.travel.geo import chord_to_arc, to_sphere
from pipelines.travel.network import Network
from pipelines.travel.speeds import access_minutes


@dataclass(frozen=True, slots=True)
class Sites:
    """Facilities as arrays of shape (m,).

    Attributes
    ----------
    ids : ndarray of str
    lon, lat : ndarray
        EPSG:4326.
    capacity : ndarray
        NaN where it is not known.
    """

    ids: NDArray[np.object_]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    capacity: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, at: NDArray) -> Sites:
        """Return the sites at these positions."""
        return Sites(self.ids[at], self.lon[at], self.lat[at], self.capacity[at])


@dataclass(frozen=True, slots=True)
class Snapped:
    """Sites on the network: their settlement and the minutes to it.

    Sites further than ``access_max_km`` from every settlement are set aside.
    """

    sites: Sites
    at: NDArray[np.int64]
    minutes: NDArray[np.float64]
    set_aside: NDArray[np.object_]


def snap(network: Network, sites: Sites, c: TravelConstants) -> Snapped:
    """Put sites on the nearest settlement, with access time.

    Raises
    ------
    InputError
        No site is near any settlement.
    """
    at, minutes, near = place(cKDTree(network.settlements.xyz), sites, c)
    if not near.any():
        raise InputError(
            f"facilities: none of {len(sites)} lies within {c.access_max_km:g} km of a settlement; "
            f"the first is at lon {sites.lon[0]:g}, lat {sites.lat[0]:g}. "
            "Europe's longitudes are about -25 to 45, its latitudes 34 to 72."
        )
    keep = np.flatnonzero(near)
    return Snapped(sites.take(keep), at[keep], minutes[keep], sites.ids[~near])


def place(
    tree: cKDTree, sites: Sites, c: TravelConstants
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
    """Nearest settlement of each site, the minutes to it, and whether it is near enough.

    Parameters
    ----------
    tree : cKDTree
        Settlements on the unit sphere.
    """
    chord, at = tree.query(to_sphere(sites.lon, sites.lat))
    km = chord_to_arc(chord)
    return at.astype(np.int64), access_minutes(km, c), km <= c.access_max_km


def capacities(sites: Sites) -> tuple[NDArray[np.float64], str]:
    """Capacities to share, and on what basis: missing is not zero.

    One missing capacity makes all count one per site, since beds and sites
    cannot be added up.
    """
    known = ~np.isnan(sites.capacity)
    if known.all():
        return sites.capacity, "capacity"
    missing = int((~known).sum())
    return np.ones(len(sites)), f"one per site ({missing} of {len(sites)} capacities are missing)"

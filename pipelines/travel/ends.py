"""The ends of a trip: the one place that adds to a way what it costs to set out and to arrive.

A way is what the network knows: minutes from settlement to settlement. A trip is what anyone
is told: every minute on a page, in a table or in an export is one of a trip.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.travel.constants import TravelConstants
from pipelines.travel.speeds import access_minutes, terminal_minutes

Floats = NDArray[np.float64]


def trip_minutes(
    way_min: ArrayLike, people_left: ArrayLike, people_entered: ArrayLike, c: TravelConstants
) -> Floats:
    """Minutes of a trip between two places: the way, and both of its ends.

    Parameters
    ----------
    way_min : array_like
        Minutes on the network; infinite where there is no way. A way of exactly 0 is none:
        the place itself, to which there is no trip.
    people_left, people_entered : array_like
        People of the place that one leaves and of the one that one enters, as the way into
        a city grows with (``Settlements.road_population``); NaN counts as a small place.
        The place left made no difference in calibrating (docs/travel-time.md).
    c : TravelConstants

    Returns
    -------
    ndarray
        Minutes, of the shape that the three have together.
    """
    way, _, entered = np.broadcast_arrays(
        np.asarray(way_min, float),
        np.asarray(people_left, float),
        np.asarray(people_entered, float),
    )
    return np.where(way == 0, 0.0, way + terminal_minutes(entered, c))


def site_minutes(distance_km: Floats, c: TravelConstants) -> Floats:
    """Minutes at both ends of a trip to a site: out of one's own place, and on to the site.

    The way from the middle of the other place to the site stands for its end.

    Parameters
    ----------
    distance_km : ndarray
        From the settlement that the site is snapped to.
    c : TravelConstants
    """
    return c.terminal_min / 2 + access_minutes(distance_km, c)


def trip_to_site_minutes(way_min: ArrayLike, c: TravelConstants) -> Floats:
    """Minutes of a trip to a site of which no more is known than its settlement.

    Parameters
    ----------
    way_min : array_like
        Minutes on the network to that settlement; 0 in it, where ways are not counted.
    c : TravelConstants
    """
    way = np.asarray(way_min, float)
    return np.where(way == 0, 0.0, way + site_minutes(np.zeros(1), c))

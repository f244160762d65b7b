"""Two measures on one map: thirds of each, and the nine classes and colours of both."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Thirds of a measure, the lowest first; words of classes, also in files.
STEPS = ("low", "middle", "high")
#: Class ``3 * second + first``: the first measure turns golden, the second purple. After Joshua
#: Stevens, "Bivariate Choropleth Maps: A How-to Guide" (2015), purple and gold; its palest colour
#: is warmer here, for his (#e8e8e8) is that of regions that are not selected.
COLOURS = (
    "#fbf6e3",
    "#e4d9ac",
    "#c8b35a",
    "#cbb8d7",
    "#c8ada0",
    "#af8e53",
    "#9972af",
    "#976b82",
    "#804d36",
)


def thirds(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the upper bounds of the lowest and of the middle third of known values.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        NaN is not known; equal values can make a third smaller, or leave it without any.

    Returns
    -------
    tuple of float
        NaN where no value is known.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, middle = np.quantile(known, [1 / 3, 2 / 3])
    return float(low), float(middle)


def classes(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    first_bounds: tuple[float, float],
    second_bounds: tuple[float, float],
) -> NDArray[np.int64]:
    """Return the class of each item by both measures: 3 times the second's third plus the first's.

    Parameters
    ----------
    first, second : ndarray of float64, shape (n,)
        NaN is not known.
    first_bounds, second_bounds : tuple of float
        Of :func:`thirds`; a third includes its upper bound.

    Returns
    -------
    ndarray of int64, shape (n,)
        0 to 8; -1 where either is not known.
    """
    known = ~np.isnan(first) & ~np.isnan(second)
    place = 3 * np.searchsorted(second_bounds, second, side="left")
    place = place + np.searchsorted(first_bounds, first, side="left")
    return np.where(known, place, -1).astype(np.int64)


def word(place: int) -> str:
    """Return a class as files state it, the first measure's third before the second's."""
    return f"{STEPS[place % 3]}-{STEPS[place // 3]}"

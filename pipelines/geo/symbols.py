"""Sizes of map symbols, the same in map files and beside names."""

from __future__ import annotations

from typing import Any, overload

import numpy as np
from numpy.typing import NDArray


@overload
def symbol_radius(population: float) -> float: ...
@overload
def symbol_radius(population: NDArray[Any]) -> NDArray[np.float64]: ...
def symbol_radius(population: float | NDArray[Any]) -> float | NDArray[np.float64]:
    """Return the radius in km of a circle whose area follows the population.

    Examples
    --------
    Four times the people, twice the radius:

    >>> float(symbol_radius(90_000)), float(symbol_radius(360_000))
    (10.0, 20.0)
    """
    radius: float | NDArray[np.float64] = np.sqrt(population) / 30
    return radius

"""Sizes of map symbols, the same in map files and beside names."""

from __future__ import annotations

import numpy as np


def symbol_radius(population: float | np.ndarray) -> float | np.ndarray:
    """Return the radius in km of a circle whose area follows the population.

    Examples
    --------
    Four times the people, twice the radius:

    >>> float(symbol_radius(90_000)), float(symbol_radius(360_000))
    (10.0, 20.0)
    """
    return np.sqrt(population) / 30

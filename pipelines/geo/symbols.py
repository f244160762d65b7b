"""Sizes of map symbols, the same in map files and beside names."""

from __future__ import annotations

import numpy as np


def symbol_radius(population: float | np.ndarray) -> float | np.ndarray:
    """Return the radius in km of a circle whose area follows the population."""
    return np.sqrt(population) / 30

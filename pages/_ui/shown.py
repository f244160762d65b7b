"""What the map of regions shows, as its parts pass it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pages._ui.measures import Measure


@dataclass(frozen=True)
class Shown:
    """What the map shows.

    Attributes
    ----------
    measure : Measure
        With the year in its label and question.
    values : DataFrame
        ``nuts_id`` of every region of the level in map order, and ``value``.
    over : ndarray of float or None
        Values of all years, which the classes rest on.
    year : int or None
        The year of the slider.
    span : str
        The year, or the years of the events, in words.
    note : str
        What else to know of the figures.
    more : mapping of str to Series
        Columns for the downloads that the table of regions lacks, by ``nuts_id``.
    words : str
        What these columns are, for the notes of a file.
    joined : tuple of (str, str)
        Mart and column that each rests on.
    parts : tuple of Shown
        The two measures of a map of two.
    bounds : tuple of (float, float)
        Upper bounds of the lowest and the middle third of each of them.
    """

    measure: Measure
    values: pd.DataFrame
    over: NDArray[np.float64] | None = None
    year: int | None = None
    span: str = ""
    note: str = ""
    more: Mapping[str, pd.Series] = field(default_factory=dict)
    words: str = ""
    joined: tuple[tuple[str, str], ...] = ()
    parts: tuple[Shown, ...] = ()
    bounds: tuple[tuple[float, float], ...] = ()

    @property
    def column(self) -> str:
        """Name of the column that holds the figures in a file."""
        return next(iter(self.more), self.measure.column)

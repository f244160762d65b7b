"""Facets of a filter: which rows fit each, how many an option leaves, how many have no value.

A facet restricts one column to some values or to a range. All functions work on one frame that is
read once, so that a changed filter costs a few comparisons of a thousand rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.serve.store import texts_of
from pipelines.serve.texts import _

Lists = Mapping[str, tuple[object, ...]]
Range = tuple[float | None, float | None]
Ranges = Mapping[str, Range]


@dataclass(frozen=True)
class Remaining:
    """What a selection leaves.

    Attributes
    ----------
    fits : ndarray of bool, shape (n,)
        Rows that fit all facets.
    options : dict of str to dict
        By column and value: the rows that fit with that value alone in this facet and all
        others as they stand.
    unknown : dict of str to int
        By column that restricts: rows that fit all others and have no value here.
    """

    fits: NDArray[np.bool_]
    options: dict[str, dict[object, int]]
    unknown: dict[str, int]


def remaining(
    frame: pd.DataFrame, lists: Lists, ranges: Ranges, columns: Iterable[str] = ()
) -> Remaining:
    """Return what facets leave of a frame.

    Parameters
    ----------
    frame : DataFrame, shape (n, columns)
    lists : mapping of str to tuple
        Allowed values by column; an empty tuple does not restrict.
    ranges : mapping of str to (low, high)
        Inclusive bounds by column; None is open. A row without the value fits no bound.
    columns : iterable of str
        Columns whose options are counted; with none, those of ``lists``.
    """
    masks = _masks(frame, lists, ranges)
    misses = np.zeros(len(frame), dtype=int)
    for mask in masks.values():
        misses += ~mask
    options: dict[str, dict[object, int]] = {}
    for column in columns or lists:
        own = masks.get(column)
        others = misses == 0 if own is None else misses - ~own == 0
        options[column] = _counts(frame[column], others)
    unknown = {
        column: int((frame[column].isna().to_numpy() & (misses - ~mask == 0)).sum())
        for column, mask in masks.items()
    }
    return Remaining(misses == 0, options, unknown)


def fits(frame: pd.DataFrame, lists: Lists, ranges: Ranges) -> NDArray[np.bool_]:
    """Return which rows of a frame fit all facets, shape (n,); see :func:`remaining`."""
    every = np.ones(len(frame), dtype=bool)
    for mask in _masks(frame, lists, ranges).values():
        every &= mask
    return every


def _counts(values: pd.Series, rows: NDArray[np.bool_]) -> dict[object, int]:
    """Return how many of some rows have each value."""
    if (texts := texts_of(values)) is None:
        return {value: int(n) for value, n in values[rows].value_counts().items()}
    coded = texts.filter(pa.array(rows)).drop_null().dictionary_encode()
    numbers = np.bincount(coded.indices.to_numpy(), minlength=len(coded.dictionary))
    return dict(zip(coded.dictionary.to_pylist(), numbers.tolist(), strict=True))


def _masks(frame: pd.DataFrame, lists: Lists, ranges: Ranges) -> dict[str, NDArray[np.bool_]]:
    """Return by column that restricts which rows fit it."""
    masks = {
        column: frame[column].isin(list(values)).to_numpy(dtype=bool)
        for column, values in lists.items()
        if values
    }
    for column, (low, high) in ranges.items():
        if low is None and high is None:
            continue
        numbers = frame[column].to_numpy(dtype=float, na_value=np.nan)
        fits = ~np.isnan(numbers)
        if low is not None:
            fits &= numbers >= low
        if high is not None:
            fits &= numbers <= high
        masks[column] = fits & masks.get(column, True)
    return masks


def range_words(label: str, bounds: Range) -> str:
    """Return a range in words, empty where it does not restrict.

    Examples
    --------
    >>> range_words("annual change", (None, -0.5))
    'annual change: at most -0.5'
    >>> range_words("median age", (40, 45.5))
    'median age: 40 to 45.5'
    """
    low, high = bounds
    if low is None and high is None:
        return ""
    if high is None:
        return _("{field}: at least {low}").format(field=label, low=f"{low:g}")
    if low is None:
        return _("{field}: at most {high}").format(field=label, high=f"{high:g}")
    return _("{field}: {low} to {high}").format(field=label, low=f"{low:g}", high=f"{high:g}")

"""Classes of a map: from values to codes, colours, labels and counts.

The legend is drawn from the same classes that coloured the map.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

from pages._ui.measures import NO_DATA, UNSELECTED, Measure
from pages._ui.texts import _
from pipelines.serve.store import texts_of


@dataclass(frozen=True)
class Classes:
    """Codes of all items in map order, and what each code means.

    ``codes`` holds one digit an item, or two where there are more than ten colours: 0 to
    k-1 a class, k no data, k+1 not selected.
    ``counts`` are of selected items only. ``values`` are what was classed, of ``measure``;
    ``beside`` are further measures with their values, to be told of an item.
    """

    codes: str
    labels: tuple[str, ...]
    colours: tuple[str, ...]
    counts: tuple[int, ...]
    unselected: int
    bounds: tuple[float, ...]
    method: str
    values: pd.Series | None = field(default=None, repr=False, compare=False)
    measure: Measure | None = None
    beside: tuple[tuple[Measure, pd.Series], ...] = field(default=(), repr=False, compare=False)

    @property
    def palette(self) -> list[str]:
        """Colours by code, with those for no data and for not selected."""
        return [*self.colours, NO_DATA, UNSELECTED]

    @property
    def shown(self) -> str | None:
        """One digit an item: 1 is drawn, 0 is not selected; None: all are drawn.

        Most of it is runs of one digit, so that it travels small where ``codes`` do not.
        """
        if not self.unselected:
            return None
        width = self.digits
        codes = np.frombuffer(self.codes.encode(), dtype=np.uint8) - ord("0")
        numbers = codes.reshape(-1, width) @ (10 ** np.arange(width)[::-1])
        return _digits(numbers <= len(self.labels), 1)

    @property
    def digits(self) -> int:
        """How many digits an item takes in ``codes``."""
        return len(str(len(self.labels) + 1))


def numeric_breaks(
    values: NDArray[np.float64], method: str, fixed: Sequence[float], k: int
) -> list[float]:
    """Return rising upper bounds of all classes but the last.

    Parameters
    ----------
    values
        Known values, shape (n,), without NaN: a single NaN would spoil the breaks.
    method
        A key of ``METHODS``.
    fixed
        Bounds for the method ``fixed``.
    k
        Number of classes for the other methods; ties may give fewer.
    """
    if method == "fixed":
        return list(fixed)
    if len(np.unique(values)) < 2:
        return []
    if method == "deviation":
        mean, deviation = float(values.mean()), float(values.std())
        return [mean + step * deviation for step in (-1.5, -0.5, 0.5, 1.5)]
    import mapclassify  # takes three seconds; only these two methods need it

    maker = mapclassify.Quantiles if method == "quantiles" else mapclassify.EqualInterval
    bounds = np.unique(maker(values, k=min(k, len(np.unique(values)))).bins)
    return [float(b) for b in bounds[:-1]]


def _interval_labels(bounds: Sequence[float], measure: Measure) -> list[str]:
    shown = [measure.format.format(b) for b in bounds]
    if not shown:
        return [_("all values")]
    middle = [
        _("above {low} to {high}").format(low=low, high=high)
        for low, high in itertools.pairwise(shown)
    ]
    first, last = _("up to {high}"), _("above {low}")
    return [first.format(high=shown[0]), *middle, last.format(low=shown[-1])]


def _digits(numbers: NDArray[np.integer[Any] | np.bool_], width: int) -> str:
    """Return small numbers, shape (n,), as one text of ``width`` digits each."""
    places = [numbers.astype(np.uint8) // 10**place % 10 for place in reversed(range(width))]
    return (np.column_stack(places) + ord("0")).astype(np.uint8).tobytes().decode("ascii")


def _positions(values: pd.Series, labels: Sequence[str]) -> NDArray[np.integer[Any]]:
    """Return the position of each value among the labels; -1 where it is none of them.

    Arrow looks 79 000 texts up in a tenth of the time that an index of objects takes.
    """
    texts = texts_of(values)
    if texts is None:
        return pd.Index(labels).get_indexer(pd.Index(values.to_numpy(dtype=object)))
    places = pc.index_in(texts, value_set=pa.array(labels, texts.type))
    numbers: NDArray[np.integer[Any]] = places.fill_null(-1).to_numpy(zero_copy_only=False)
    return numbers


def _spread(colours: Sequence[str], k: int) -> list[str]:
    """Pick k of the colours, evenly from first to last."""
    if k == 1:
        return [colours[len(colours) // 2]]
    return [colours[round(i * (len(colours) - 1) / (k - 1))] for i in range(k)]


def classify(
    values: pd.Series,
    selected: ArrayLike | None,
    measure: Measure,
    method: str = "fixed",
    fixed: Sequence[float] = (),
    over: NDArray[np.float64] | None = None,
) -> Classes:
    """Class the values of all items of a map.

    Parameters
    ----------
    values
        One value an item in map order; missing is no data.
    selected
        Positions that are selected, or None for all. Bounds come from all items, so
        that a filter does not move the classes.
    over
        Known values that bounds come from in place of those of the items, shape (m,): of all
        years, so that another year has the same classes.
    """
    chosen = np.full(len(values), selected is None)
    if selected is not None:
        chosen[np.asarray(selected, dtype=np.int64)] = True
    bounds: list[float] = []
    if measure.categories:
        labels, colours = list(measure.categories), list(measure.colours)
        codes = _positions(values, labels)
    else:
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        known = ~np.isnan(numbers)
        bounds = numeric_breaks(numbers[known] if over is None else over, method, fixed, 5)
        labels = _interval_labels(bounds, measure)
        colours = _spread(measure.colours, len(labels))
        # A class includes its upper bound.
        codes = np.where(known, np.searchsorted(bounds, numbers, side="left"), -1)
    codes = np.where(codes < 0, len(labels), codes)
    counts = np.bincount(codes[chosen], minlength=len(labels) + 1).tolist()
    shown = np.where(chosen, codes, len(labels) + 1)
    return Classes(
        codes=_digits(shown, len(str(len(labels) + 1))),
        labels=tuple(labels),
        colours=tuple(colours),
        counts=tuple(counts),
        unselected=int((~chosen).sum()),
        bounds=tuple(bounds),
        method=method,
        values=values,
        measure=measure,
    )

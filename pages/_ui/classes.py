"""Classes of a map: from values to codes, colours, labels and counts.

The legend is drawn from the same classes that coloured the map.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pages._ui.measures import NO_DATA, UNSELECTED, Measure


@dataclass(frozen=True)
class Classes:
    """Codes of all items in map order, and what each code means.

    ``codes`` holds one digit an item, or two where there are more than ten colours: 0 to
    k-1 a class, k no data, k+1 not selected.
    ``counts`` are of selected items only.
    """

    codes: str
    labels: tuple[str, ...]
    colours: tuple[str, ...]
    counts: tuple[int, ...]
    unselected: int
    bounds: tuple[float, ...]
    method: str

    @property
    def palette(self) -> list[str]:
        """Colours by code, with those for no data and for not selected."""
        return [*self.colours, NO_DATA, UNSELECTED]

    @property
    def digits(self) -> int:
        """How many digits an item takes in ``codes``."""
        return len(str(len(self.labels) + 1))


def numeric_breaks(values: np.ndarray, method: str, fixed: Sequence[float], k: int) -> list[float]:
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
    shown = [measure.number.format(b) for b in bounds]
    if not shown:
        return ["all values"]
    middle = [f"above {a} to {b}" for a, b in itertools.pairwise(shown)]
    return [f"up to {shown[0]}", *middle, f"above {shown[-1]}"]


def _spread(colours: Sequence[str], k: int) -> list[str]:
    """Pick k of the colours, evenly from first to last."""
    if k == 1:
        return [colours[len(colours) // 2]]
    return [colours[round(i * (len(colours) - 1) / (k - 1))] for i in range(k)]


def classify(
    values: pd.Series,
    selected: Collection[int] | None,
    measure: Measure,
    method: str,
    fixed: Sequence[float],
) -> Classes:
    """Class the values of all items of a map.

    Parameters
    ----------
    values
        One value an item in map order; missing is no data.
    selected
        Positions that are selected, or None for all. Bounds come from all items, so
        that a filter does not move the classes.
    """
    chosen = np.zeros(len(values), dtype=bool)
    chosen[list(selected) if selected is not None else slice(None)] = True
    known = values.notna().to_numpy()
    if measure.categories:
        labels, colours = list(measure.categories), list(measure.colours)
        bounds: list[float] = []
        place = {name: i for i, name in enumerate(labels)}
        codes = np.array(
            [
                place.get(v, len(labels)) if k else len(labels)
                for v, k in zip(values, known, strict=True)
            ],
            dtype=int,
        )
    else:
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        bounds = numeric_breaks(numbers[known], method, fixed, 5)
        labels = _interval_labels(bounds, measure)
        colours = _spread(measure.colours, len(labels))
        # A class includes its upper bound.
        codes = np.where(known, np.searchsorted(bounds, numbers, side="left"), len(labels))
    tally = Counter(codes[chosen].tolist())
    shown = np.where(chosen, codes, len(labels) + 1)
    return Classes(
        codes="".join(f"{code:0{len(str(len(labels) + 1))}d}" for code in shown),
        labels=tuple(labels),
        colours=tuple(colours),
        counts=tuple(tally.get(i, 0) for i in range(len(labels) + 1)),
        unselected=int((~chosen).sum()),
        bounds=tuple(bounds),
        method=method,
    )

"""What a place is at thresholds that a visitor moved: sheets, cards and prints ask here alone.

The classes are those of the panel of regions (:mod:`pipelines.serve.region_panel`), so that a
sheet says of a region what the map that led to it shows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipelines.serve import region_panel
from pipelines.serve.filters import moved_words
from pipelines.serve.store import Store
from pipelines.serve.texts import _
from pipelines.serve.thresholds import thresholds

Moved = tuple[tuple[str, float], ...]
#: Thresholds that cut a class which a sheet shows.
NAMES = tuple(name for name in region_panel.MOVABLE if not name.startswith("thin_"))
#: Columns of classes by the mart whose row of a region they stand in.
_REGION = region_panel.MOVED
_DEMOGRAPHY = ("webb_type", "cause", "shrinking_class", "duration_class", "shape", "watch_count")
#: The panel tells a cause and a shape of those that do not shrink, the mart has none.
_NONE = "not shrinking"


def classes(store: Store, code: str, moved: Moved) -> dict[str, Any]:
    """Return the classes of a region at moved thresholds, by column; none where none was moved.

    Parameters
    ----------
    store : Store
    code : str
        NUTS code of 2021, of any level.
    moved : tuple of (str, float)
        Thresholds and their values; those that cut no class of a sheet are passed over.

    Raises
    ------
    InputError
        Values that break an order.
    """
    moved = of_sheets(moved)
    if not moved:
        return {}
    every = region_panel.frame(store, len(code) - 2, moved)
    rows = every.loc[every["nuts_id"] == code, [*_REGION, *_DEMOGRAPHY]]
    if rows.empty:
        return {}
    classed = {str(k): None if pd.isna(v) else v for k, v in rows.iloc[0].items()}
    for name in ("cause", "shape"):
        classed[name] = None if classed[name] == _NONE else classed[name]
    if classed["watch_count"] is not None:
        classed["watch_count"] = int(classed["watch_count"])
    return classed


def kinds(store: Store, level: int, moved: Moved) -> NDArray[np.str_] | None:
    """Return the kind by distance of all regions of a level, by code; None where none was moved."""
    moved = of_sheets(moved)
    if not moved:
        return None
    every = region_panel.frame(store, level, moved)
    return every["remoteness"].fillna("").to_numpy(dtype=str)


def of_sheets(moved: Moved) -> Moved:
    """Return the moved thresholds that cut a class which a sheet shows."""
    return tuple((name, value) for name, value in moved if name in NAMES)


def number(text: str) -> float | None:
    """Return the number that a text writes with a point or a comma, or None.

    Examples
    --------
    >>> number("-0,8"), number(" -0.8 "), number("\u22121"), number("1,000.5"), number("old")
    (-0.8, -0.8, -1.0, None, None)
    """
    try:
        value = float(text.strip().replace("\u2212", "-").replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def read(store: Store, stated: Mapping[str, str]) -> tuple[Moved, dict[str, str]]:
    """Return the thresholds that an address moves, and those of its values that are no number.

    Parameters
    ----------
    store : Store
    stated : mapping of str to str
        What the address states, by name; other names than ``NAMES`` are passed over.
    """
    published, moved, wrong = thresholds(store), [], {}
    for name in NAMES:
        if name not in stated:
            continue
        value = number(stated[name])
        if value is None:
            wrong[name] = stated[name]
        elif value != published[name]:
            moved.append((name, value))
    return tuple(moved), wrong


def stands_on(moved: Moved) -> str:
    """Say by which thresholds classes are drawn, in the language in use."""
    if not moved:
        return _("Classes by the published thresholds.")
    return _("Classes by the published thresholds, but: {moved}.").format(
        moved="; ".join(moved_words(moved))
    )

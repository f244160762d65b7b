"""Codes of the European grid (EPSG:3035): the long form of Eurostat, the short one of INSPIRE."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

#: What a code looks like, for messages.
FORMS = "CRS3035RES100mN2669000E4284000 or 100mN26690E42840"
#: The sheet of the projection ends here (metres).
MOST_M = 10_000_000
_LONG = r"^CRS3035RES(?P<size>\d{1,6})mN(?P<north>\d{1,8})E(?P<east>\d{1,8})$"
_SHORT = r"^(?P<size>\d{1,6})(?P<unit>k?m)N(?P<north>\d{1,8})E(?P<east>\d{1,8})$"

Floats = NDArray[np.float64]


def middles(codes: pa.Array) -> tuple[Floats, Floats]:
    """Return the middle of each cell in metres (EPSG:3035); NaN where the code is none.

    Parameters
    ----------
    codes : Array of string, shape (n,)
        ``CRS3035RES<metres>mN<north>E<east>`` states the south-west corner in metres,
        ``<size>[k]mN<north>E<east>`` in units of the size's power of ten, as INSPIRE has it.

    Returns
    -------
    x, y : ndarray, shape (n,)

    Examples
    --------
    >>> x, y = middles(pa.array(["CRS3035RES100mN2669000E4284000", "1kmN2669E4284", "N1E1"]))
    >>> x.tolist(), y.tolist()
    ([4284050.0, 4284500.0, nan], [2669050.0, 2669500.0, nan])
    """
    x, y = np.full(len(codes), np.nan), np.full(len(codes), np.nan)
    for pattern in (_LONG, _SHORT):
        parts = pc.extract_regex(codes, pattern=pattern)
        rows = np.flatnonzero(parts.is_valid().to_numpy(zero_copy_only=False))
        if not len(rows):
            continue
        some = parts.take(pa.array(rows))
        size, north, east = (
            pc.struct_field(some, name).cast(pa.int64()).to_numpy()
            for name in ("size", "north", "east")
        )
        if pattern == _SHORT:
            is_km = pc.equal(pc.struct_field(some, "unit"), "km").to_numpy(zero_copy_only=False)
            size = np.where(is_km, size * 1000, size)
            unit = _power_of_ten(size)
            north, east = north * unit, east * unit
        on_grid = (
            (size > 0) & (north % np.maximum(size, 1) == 0) & (east % np.maximum(size, 1) == 0)
        )
        on_grid &= (north < MOST_M) & (east < MOST_M)
        x[rows] = np.where(on_grid, east + size / 2, np.nan)
        y[rows] = np.where(on_grid, north + size / 2, np.nan)
    return x, y


def _power_of_ten(size: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the greatest power of ten that divides each size."""
    unit = np.ones(len(size), dtype=np.int64)
    for power in (10, 100, 1_000, 10_000, 100_000):
        unit[(size > 0) & (size % power == 0)] = power
    return unit

"""Hinterland: which regions of Europe shrink and why, how remote a place is, who reaches what.

The same numbers as on the dashboard, as data frames. Everything is read from a database
that :func:`build` makes; nothing goes to the network but :func:`fetch`. Importing this
package loads none of the heavy libraries: each function loads what it needs
(docs/decisions.md, 19).

Examples
--------
>>> import hinterland as hl
>>> fewer = hl.regions(level=3, country="DE", trend="shrinking")
>>> fewer[["nuts_id", "name", "change_pct"]].round(2).head(3)
  nuts_id                     name  change_pct
0   DE234          Amberg-Sulzbach       -1.01
1   DE237  Neustadt a. d. Waldnaab       -1.77
2   DE23A            Tirschenreuth       -3.93
"""

from hinterland import nuts
from hinterland._cite import cite
from hinterland._database import build, export, fetch
from hinterland._place import place
from hinterland._questions import alike, demography
from hinterland._reach import places, reach
from hinterland._tables import (
    access,
    describe,
    indicators,
    regions,
    series,
    table,
    thresholds,
    towns,
)
from pipelines import __version__
from pipelines.core.errors import HinterlandError, HinterlandWarning

__all__ = [
    "HinterlandError",
    "HinterlandWarning",
    "__version__",
    "access",
    "alike",
    "build",
    "cite",
    "demography",
    "describe",
    "export",
    "fetch",
    "indicators",
    "nuts",
    "place",
    "places",
    "reach",
    "regions",
    "series",
    "table",
    "thresholds",
    "towns",
]

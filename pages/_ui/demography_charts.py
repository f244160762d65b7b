"""The chart of births and deaths against migration."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pages._ui import theme, vega
from pages._ui.measures import DEMOGRAPHY_MEASURES
from pages._ui.texts import _
from pages._ui.vega import Spec

_WEBB: Any = DEMOGRAPHY_MEASURES["webb_type"].palette
# Where the letter of each sector stands, in shares of the axis' half length (natural, migration).
_SECTORS = {
    "A": (0.92, -0.4),
    "B": (0.92, 0.4),
    "C": (0.4, 0.92),
    "D": (-0.4, 0.92),
    "E": (-0.92, 0.4),
    "F": (-0.92, -0.4),
    "G": (-0.4, -0.92),
    "H": (0.4, -0.92),
}


def webb_scatter(rows: pd.DataFrame, picked: Collection[str]) -> Spec:
    """Return natural change against migration with Webb's eight sectors.

    A part of it can be drawn over: the selection ``brush``, of ``x`` and ``y``.

    Parameters
    ----------
    rows
        ``nuts_id``, ``natural_change_per_1000``, ``net_migration_per_1000``, ``webb_type``
        of the selected regions.
    picked
        Codes of the regions that are marked.
    """
    known = rows.dropna(subset=["webb_type"])
    points = {
        "x": known["natural_change_per_1000"].to_numpy(dtype=float).round(1),
        "y": known["net_migration_per_1000"].to_numpy(dtype=float).round(1),
        "t": known["webb_type"].to_numpy(dtype=object),
        "id": known["nuts_id"].to_numpy(dtype=object),
    }
    lengths = np.abs(np.concatenate([points["x"], points["y"]]))
    reach = float(5 * np.ceil(max(10.0, np.percentile(lengths, 99)) / 5))
    is_picked = np.isin(points["id"].astype(str), sorted(picked))
    scale = {"domain": [-reach, reach], "clamp": True}
    at = {
        "x": vega.number("x", title=_("natural change per 1 000 a year"), scale=scale),
        "y": vega.number(
            "y", title=_("net migration and adjustment per 1 000 a year"), scale=scale
        ),
    }
    palette = {"domain": list(_WEBB), "range": list(_WEBB.values())}
    tips = [vega.name("id"), vega.number("x"), vega.number("y"), vega.name("t")]
    layers: list[Spec] = [
        _lines(
            [(-reach, reach), (reach, -reach), (-reach, -reach), (reach, reach)],
            {"strokeDash": [4, 3], "color": theme.pick("#888", "#999")},
            at,
        ),
        _lines(
            [(-reach, 0), (reach, 0), (0, -reach), (0, reach)],
            {"color": theme.pick("#555", "#bbb")},
            at,
        ),
        {
            "data": vega.table(points),
            "name": vega.BRUSHED,
            "mark": {
                "type": "circle",
                "size": 26,
                "opacity": 0.85,
                "stroke": "#555",
                "strokeWidth": 0.3,
            },
            "encoding": at | {"color": vega.name("t", legend=None, scale=palette), "tooltip": tips},
        },
        {
            "data": vega.table({name: column[is_picked] for name, column in points.items()}),
            "mark": {"type": "point", "size": 160, "color": "black", "strokeWidth": 2},
            "encoding": at,
        },
        _letters(reach, at),
    ]
    return vega.layered(layers, 430, ())


def _lines(ends: Sequence[tuple[float, float]], look: Spec, at: Spec) -> Spec:
    """Return two lines, each between two of four ends."""
    columns = {
        "x": [float(x) for x, _y in ends],
        "y": [float(y) for _x, y in ends],
        "g": [0, 0, 1, 1],
    }
    return {
        "data": vega.table(columns),
        "mark": {"type": "line", **look},
        "encoding": at | {"detail": vega.name("g")},
    }


def _letters(reach: float, at: Spec) -> Spec:
    """Return the letters of the sectors."""
    columns = {
        "x": [x * reach for x, _y in _SECTORS.values()],
        "y": [y * reach for _x, y in _SECTORS.values()],
        "s": list(_SECTORS),
    }
    colour = theme.pick("#333", "#eee")
    return {
        "data": vega.table(columns),
        "mark": {"type": "text", "fontSize": 15, "fontWeight": "bold", "color": colour},
        "encoding": at | {"text": vega.name("s")},
    }

"""The chart of births and deaths against migration."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from pages._ui import theme
from pages._ui.measures import DEMOGRAPHY_MEASURES
from pages._ui.texts import _

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


def webb_scatter(rows: pd.DataFrame, picked: Collection[str]) -> alt.LayerChart:
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
    points = pd.DataFrame(
        {
            "x": known["natural_change_per_1000"].astype(float).round(1),
            "y": known["net_migration_per_1000"].astype(float).round(1),
            "t": known["webb_type"].astype(str),
            "id": known["nuts_id"].astype(str),
        }
    )
    reach = 5 * np.ceil(max(10.0, np.percentile(points[["x", "y"]].abs(), 99)) / 5)
    scale = alt.Scale(domain=[-reach, reach], clamp=True)
    x = alt.X("x:Q", title=_("natural change per 1,000 a year"), scale=scale)
    y = alt.Y("y:Q", title=_("net migration and adjustment per 1,000 a year"), scale=scale)
    ends = [(-reach, reach), (reach, -reach), (-reach, -reach), (reach, reach)]
    lines = pd.DataFrame([{"x": a, "y": b, "g": i // 2} for i, (a, b) in enumerate(ends)])
    cross = pd.DataFrame(
        [
            {"x": -reach, "y": 0, "g": 0},
            {"x": reach, "y": 0, "g": 0},
            {"x": 0, "y": -reach, "g": 1},
            {"x": 0, "y": reach, "g": 1},
        ]
    )
    letters = pd.DataFrame(
        [{"x": a * reach, "y": b * reach, "s": s} for s, (a, b) in _SECTORS.items()]
    )
    colour = alt.Color(
        "t:N", legend=None, scale=alt.Scale(domain=list(_WEBB), range=list(_WEBB.values()))
    )
    layers = [
        alt.Chart(lines)
        .mark_line(strokeDash=[4, 3], color=theme.pick("#888", "#999"))
        .encode(x=x, y=y, detail="g:N"),
        alt.Chart(cross).mark_line(color=theme.pick("#555", "#bbb")).encode(x=x, y=y, detail="g:N"),
        alt.Chart(points)
        .mark_circle(size=26, opacity=0.85, stroke="#555", strokeWidth=0.3)
        .encode(x=x, y=y, color=colour, tooltip=["id", "x", "y", "t"])
        .add_params(alt.selection_interval(name="brush")),
        alt.Chart(points[points["id"].isin(picked)])
        .mark_point(size=160, color="black", strokeWidth=2)
        .encode(x=x, y=y),
        alt.Chart(letters)
        .mark_text(fontSize=15, fontWeight="bold", color=theme.pick("#333", "#eee"))
        .encode(x=x, y=y, text="s:N"),
    ]
    return alt.LayerChart(layer=layers).properties(height=430)

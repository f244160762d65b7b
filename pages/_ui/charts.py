"""Charts, drawn from few numbers: bins and bars, never raw rows."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd

from pages._ui import theme, vega
from pages._ui.texts import _
from pages._ui.vega import Spec

#: Letters of an axis' title in a line: the histogram stands in a third of the page.
_TITLE = 38


def histogram(
    values: pd.Series,
    colours: list[str],
    bounds: list[float],
    title: str,
    marked: pd.Series | None = None,
) -> Spec:
    """Return a histogram of at most 40 bars, coloured like the map's classes.

    A part of its axis can be drawn over: the selection ``brush``.

    Parameters
    ----------
    values
        Known values.
    colours, bounds
        Colours of the classes and the upper bounds of all but the last.
    marked
        Values that get a line, or None.
    """
    lines = textwrap.wrap(title.replace("% ", "%\N{NO-BREAK SPACE}"), _TITLE)
    low, high = (
        np.nanpercentile(values, [0.5, 99.5]) if len(values) > 20 else (values.min(), values.max())
    )
    if high <= low:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, 41)
    counts = np.histogram(np.clip(values, low, high), edges)[0]
    middle = (edges[:-1] + edges[1:]) / 2
    bars = {
        "data": vega.table(
            {
                "from": edges[:-1].round(3),
                "to": edges[1:].round(3),
                "regions": counts,
                "colour": [colours[i] for i in np.searchsorted(bounds, middle, side="left")],
            }
        ),
        "name": vega.BRUSHED,
        "mark": {"type": "bar", "stroke": "#777", "strokeWidth": 0.3},
        "encoding": {
            "x": vega.number("from", bin="binned", title=lines),
            "x2": {"field": "to"},
            "y": vega.number("regions", title=_("regions")),
            "color": vega.name("colour", scale=None),
            "tooltip": [
                vega.number("from", title=_("From"), format=",.4~r"),
                vega.number("to", title=_("To"), format=",.4~r"),
                vega.number("regions", title=_("Regions"), format=",d"),
            ],
        },
    }
    there = [] if marked is None else np.clip(marked.dropna(), low, high)
    rules = {
        "data": vega.table({"value": there}),
        "mark": {"type": "rule", "color": theme.pick("#111", "#fff"), "strokeWidth": 2},
        "encoding": {"x": vega.number("value")},
    }
    return vega.layered([bars, rules] if len(there) else [bars], 190, ("x",))


def bars(table: pd.DataFrame, value: str, label: str, title: str) -> Spec:
    """Return horizontal bars around zero: orange below, purple above."""
    colours = np.where(table[value] < 0, "#e08214", "#8073ac")
    return {
        "data": vega.table({label: table[label], value: table[value], "colour": colours}),
        "mark": {"type": "bar"},
        "encoding": {
            # Where labels leave little room for bars, a title in their middle would be cut.
            "x": vega.number(value, title=title, axis={"titleAnchor": "end"}),
            "y": vega.name(label, sort=None, title=None, axis={"labelLimit": 260}),
            "color": vega.name("colour", scale=None),
            "tooltip": [vega.name(label), vega.number(value, title=_("Change"), format=".2f")],
        },
        "height": {"step": 24},
    }


def counts(table: pd.DataFrame, colours: list[str]) -> Spec:
    """Return bars of the number of regions by type."""
    return {
        "data": vega.table({"type": table["type"], "regions": table["regions"], "colour": colours}),
        "mark": {"type": "bar", "stroke": "#777", "strokeWidth": 0.3},
        "encoding": {
            "x": vega.number("regions", title=_("regions")),
            "y": vega.name("type", sort=None, title=None, axis={"labelLimit": 240}),
            "color": vega.name("colour", scale=None),
            "tooltip": [vega.name("type"), vega.number("regions", title=_("Regions"), format=",d")],
        },
        "height": {"step": 28},
    }

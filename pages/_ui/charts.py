"""Charts, drawn from few numbers: bins and bars, never raw rows."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from pages._ui import theme
from pages._ui.texts import _
from pipelines.serve.texts import separators


def show(place: Any, chart: alt.Chart | alt.LayerChart, **more: Any) -> Any:
    """Draw a chart; its numbers are written as the language in use does.

    Parameters
    ----------
    place : module or container
        Streamlit, or the column that it stands in.
    chart : Chart or LayerChart
    **more : object
        Passed on.
    """
    decimal, thousands = separators()
    number = alt.NumberLocale(decimal=decimal, thousands=thousands, grouping=[3], currency=["", ""])
    locale = alt.Locale(number=number)
    return place.altair_chart(chart.configure(locale=locale), **more)


def histogram(
    values: pd.Series,
    colours: list[str],
    bounds: list[float],
    title: str,
    marked: pd.Series | None = None,
) -> alt.LayerChart:
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
    low, high = (
        np.nanpercentile(values, [0.5, 99.5]) if len(values) > 20 else (values.min(), values.max())
    )
    if high <= low:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, 41)
    counts = np.histogram(np.clip(values, low, high), edges)[0]
    middle = (edges[:-1] + edges[1:]) / 2
    table = pd.DataFrame(
        {
            "from": edges[:-1].round(3),
            "to": edges[1:].round(3),
            "regions": counts,
            "colour": [colours[i] for i in np.searchsorted(bounds, middle, side="left")],
        }
    )
    bars = (
        alt.Chart(table)
        .mark_bar(stroke="#777", strokeWidth=0.3)
        .encode(
            x=alt.X("from:Q", bin="binned", title=title),
            x2="to:Q",
            y=alt.Y("regions:Q", title=_("regions")),
            color=alt.Color("colour:N", scale=None),
            tooltip=[
                alt.Tooltip("from:Q", title=_("From"), format=",.4~r"),
                alt.Tooltip("to:Q", title=_("To"), format=",.4~r"),
                alt.Tooltip("regions:Q", title=_("Regions"), format=",d"),
            ],
        )
        .add_params(alt.selection_interval(name="brush", encodings=["x"]))
    )
    lines = pd.DataFrame({"value": [] if marked is None else np.clip(marked.dropna(), low, high)})
    rules = (
        alt.Chart(lines)
        .mark_rule(color=theme.pick("#111", "#fff"), strokeWidth=2)
        .encode(x=alt.X("value:Q"))
    )
    layers = [bars, rules] if len(lines) else [bars]
    return alt.LayerChart(layer=layers).properties(height=190)


def bars(table: pd.DataFrame, value: str, label: str, title: str) -> alt.Chart:
    """Return horizontal bars around zero: orange below, purple above."""
    bars = table[[label, value]].assign(colour=np.where(table[value] < 0, "#e08214", "#8073ac"))
    chart: alt.Chart = (
        alt.Chart(bars)
        .mark_bar()
        .encode(
            x=alt.X(f"{value}:Q", title=title),
            y=alt.Y(f"{label}:N", sort=None, title=None, axis=alt.Axis(labelLimit=260)),
            color=alt.Color("colour:N", scale=None),
            tooltip=[label, alt.Tooltip(f"{value}:Q", title=_("Change"), format=".2f")],
        )
        .properties(height=alt.Step(24))
    )
    return chart


def counts(table: pd.DataFrame, colours: list[str]) -> alt.Chart:
    """Return bars of the number of regions by type."""
    chart: alt.Chart = (
        alt.Chart(table.assign(colour=colours))
        .mark_bar(stroke="#777", strokeWidth=0.3)
        .encode(
            x=alt.X("regions:Q", title=_("regions")),
            y=alt.Y("type:N", sort=None, title=None, axis=alt.Axis(labelLimit=240)),
            color=alt.Color("colour:N", scale=None),
            tooltip=["type", alt.Tooltip("regions:Q", title=_("Regions"), format=",d")],
        )
        .properties(height=alt.Step(28))
    )
    return chart

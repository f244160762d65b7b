"""The charts of a sheet, drawn from its series; what lies across a break is marked."""

from __future__ import annotations

import altair as alt
import pandas as pd

from pages._ui import theme
from pages._ui.texts import _
from pipelines.serve.sheet_parts import Series

_HEIGHT = 230
#: Colours of the lines or parts of each series, in their order.
_COLOURS = {
    "population": ("#542788",),
    "components": ("#4d9221", "#2166ac"),
    "index": ("#b35806", "#555555", "#8073ac"),
    "ages": ("#c7e9b4", "#41b6c4", "#253494"),
}
#: The same on a dark page, where the first ones would be lost.
_COLOURS_DARK = {
    "population": ("#b9a6e6",),
    "components": ("#7fbc41", "#67a9cf"),
    "index": ("#f1a340", "#bbbbbb", "#998ec3"),
    "ages": ("#c7e9b4", "#41b6c4", "#5f73d9"),
}
_STACKED = ("components", "ages")


def draw(series: Series) -> alt.LayerChart:
    """Return the chart of a series: lines, or stacked bars for parts of a whole."""
    table = pd.DataFrame(
        [
            {
                "part": _(line.label),
                "year": point.year,
                # Bars of a period stand in its middle.
                "middle": point.year + point.years // 2
                if series.name == "components"
                else point.year,
                "end": point.year + point.years,
                "value": round(point.value, 2),
                # Births, deaths and ages are counted; what migration holds across a break is a
                # revision, no movement of people.
                "across": point.is_break and series.name == "components" and number == 1,
                "broken": point.is_break,
                "run": sum(p.is_break for p in line.points[:i]),
            }
            for number, line in enumerate(series.lines)
            for i, point in enumerate(line.points)
        ]
    )
    order = list(dict.fromkeys(table["part"]))
    # What a chart does not draw need not travel.
    unused = ["run"] if series.name in _STACKED else ["middle", "across"]
    table = table.drop(columns=unused)
    colours = theme.pick(_COLOURS, _COLOURS_DARK)[series.name]
    colour = alt.Color(
        "part:N",
        title=None,
        sort=order,
        scale=alt.Scale(domain=order, range=list(colours[: len(order)])),
        legend=alt.Legend(orient="bottom") if len(order) > 1 else None,
    )
    drawn = _bars if series.name in _STACKED else _curves
    marks = drawn(series, table, colour)
    # An index holds three places with breaks of their own; ages are shares.
    layers = [marks, _breaks(table)] if series.name in ("population", "components") else [marks]
    return alt.LayerChart(layer=layers).properties(height=_HEIGHT)


def _x(column: str) -> alt.X:
    return alt.X(
        f"{column}:Q",
        title=None,
        axis=alt.Axis(format="d", tickMinStep=1),
        scale=alt.Scale(zero=False, nice=False),
    )


def _curves(series: Series, table: pd.DataFrame, colour: alt.Color) -> alt.Chart:
    chart: alt.Chart = (
        alt.Chart(table)
        .mark_line(point=series.name == "population", strokeWidth=2.2)
        .encode(
            x=_x("year"),
            y=alt.Y("value:Q", title=_(series.unit), scale=alt.Scale(zero=False)),
            color=colour,
            detail="run:N",
            tooltip=_tooltip(),
        )
    )
    return chart


def _bars(series: Series, table: pd.DataFrame, colour: alt.Color) -> alt.Chart:
    spans = int((table["end"] - table["year"]).max())
    # Ages are known for few years: a bar each, as wide as they have room.
    size = alt.Undefined if series.name == "ages" else 9 if spans <= 1 else 40
    chart: alt.Chart = (
        alt.Chart(table)
        .mark_bar(size=size)
        .encode(
            x=alt.X("year:O", title=None) if series.name == "ages" else _x("middle"),
            y=alt.Y("value:Q", title=_(series.unit)),
            color=colour,
            opacity=alt.condition("datum.across", alt.value(0.35), alt.value(1)),
            tooltip=_tooltip(),
        )
    )
    return chart


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("part:N", title=" "),
        alt.Tooltip("year:O", title=_("Year")),
        alt.Tooltip("value:Q", title=_("Value"), format=",.1f"),
    ]


def _breaks(table: pd.DataFrame) -> alt.Chart:
    """Return dashed lines at the ends of the years or periods across a break."""
    ends = table.loc[table["broken"], ["end"]].drop_duplicates().rename(columns={"end": "year"})
    rules: alt.Chart = (
        alt.Chart(ends)
        .mark_rule(strokeDash=[3, 3], color="#b35806")
        .encode(x=alt.X("year:Q"), tooltip=alt.value(_("break in the series")))
    )
    return rules

"""The charts of a sheet, drawn from its series; what lies across a break is marked."""

from __future__ import annotations

from typing import Any

from pages._ui import theme, vega
from pages._ui.texts import _
from pages._ui.vega import Spec
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


def draw(series: Series) -> Spec:
    """Return the chart of a series: lines, or stacked bars for parts of a whole."""
    points = [
        (n, line, i, p) for n, line in enumerate(series.lines) for i, p in enumerate(line.points)
    ]
    is_stacked = series.name in _STACKED
    columns: dict[str, list[Any]] = {
        "part": [_(line.label) for _n, line, _i, _p in points],
        "year": [p.year for *_rest, p in points],
        "end": [p.year + p.years for *_rest, p in points],
        "value": [round(p.value, 2) for *_rest, p in points],
        "broken": [p.is_break for *_rest, p in points],
    }
    # What a chart does not draw need not travel.
    if is_stacked:
        is_moves = series.name == "components"
        # Bars of a period stand in its middle.
        columns["middle"] = [p.year + (p.years // 2 if is_moves else 0) for *_rest, p in points]
        # Births, deaths and ages are counted; what migration holds across a break is a revision,
        # no movement of people.
        columns["across"] = [p.is_break and is_moves and n == 1 for n, _line, _i, p in points]
    else:
        columns["run"] = [
            sum(p.is_break for p in line.points[:i]) for _n, line, i, _point in points
        ]
    order = list(dict.fromkeys(columns["part"]))
    colours = theme.pick(_COLOURS, _COLOURS_DARK)[series.name]
    colour = vega.name(
        "part",
        title=None,
        sort=order,
        # Where only the oldest are known, they have their own colour and stand in a legend.
        scale={
            "domain": order,
            "range": list(colours[-len(order) :] if series.name == "ages" else colours)[
                : len(order)
            ],
        },
        legend={"orient": "bottom"} if len(order) > 1 or is_stacked else None,
    )
    drawn = _bars if is_stacked else _curves
    marks = drawn(series, columns, colour)
    # An index holds three places with breaks of their own; ages are shares.
    layers = [marks, _breaks(columns)] if series.name in ("population", "components") else [marks]
    return vega.layered(layers, _HEIGHT)


def _x(column: str, padding: int = 0) -> Spec:
    axis = {"format": "d", "tickMinStep": 1}
    scale = {"zero": False, "nice": False} | ({"padding": padding} if padding else {})
    return vega.number(column, title=None, axis=axis, scale=scale)


def _curves(series: Series, columns: dict[str, list[Any]], colour: Spec) -> Spec:
    return {
        "data": vega.table(columns),
        "mark": {"type": "line", "point": series.name == "population", "strokeWidth": 2.2},
        "encoding": {
            "x": _x("year"),
            "y": vega.number("value", title=_(series.unit), scale={"zero": False}),
            "color": colour,
            "detail": vega.name("run"),
            "tooltip": _tooltip(),
        },
    }


def _bars(series: Series, columns: dict[str, list[Any]], colour: Spec) -> Spec:
    spans = max(end - year for end, year in zip(columns["end"], columns["year"], strict=True))
    is_of_ages = series.name == "ages"
    # Ages are known for few years: a bar each, as wide as they have room; one alone is no wall.
    wide = 9 if spans <= 1 else 40
    size: Spec = {"size": wide}
    if is_of_ages:
        size = {"size": 80} if len(set(columns["year"])) == 1 else {}
    return {
        "data": vega.table(columns),
        "mark": {"type": "bar", **size},
        "encoding": {
            "x": {"field": "year", "type": "ordinal", "title": None}
            if is_of_ages
            else _x("middle", padding=wide // 2 + 1),  # the outer bars are whole
            "y": vega.number("value", title=_(series.unit)),
            "color": colour,
            "opacity": vega.where("datum.across", 0.35, 1),
            "tooltip": _tooltip(),
        },
    }


def _tooltip() -> list[Spec]:
    return [
        vega.name("part", title=" "),
        vega.number("year", title=_("Year"), format="d"),
        vega.number("value", title=_("Value"), format=",.1f"),
    ]


def _breaks(columns: dict[str, list[Any]]) -> Spec:
    """Return dashed lines at the ends of the years or periods across a break."""
    pairs = zip(columns["end"], columns["broken"], strict=True)
    return {
        "data": vega.table({"year": list(dict.fromkeys(end for end, broken in pairs if broken))}),
        "mark": {"type": "rule", "strokeDash": [3, 3], "color": "#b35806"},
        "encoding": {"x": vega.number("year"), "tooltip": {"value": _("break in the series")}},
    }

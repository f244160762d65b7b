"""The series of several places in one chart, a colour a place; breaks part the lines."""

from __future__ import annotations

from collections.abc import Sequence

from pages._ui import vega
from pages._ui.texts import _
from pages._ui.vega import Spec
from pipelines.serve.sheet_parts import Line, Series

#: One a place, told apart by those who see few colours and by their lightness.
COLOURS = ("#542788", "#b35806", "#1b7837", "#2166ac", "#c51b7d", "#4d4d4d")
_HEIGHT = 340
_COLUMNS = ("place", "year", "years", "value", "run", "pale")
#: What is counted through a year; the rest are states on 1 January.
_RATES = ("natural_change_per_1000", "net_migration_per_1000")


def draw(series: Series, places: Sequence[str]) -> Spec:
    """Return the chart of a series.

    Parameters
    ----------
    series : Series
        One line a place.
    places : sequence of str
        All places in the order of their colours.
    """
    is_pale = series.name == "net_migration_per_1000"
    rows = [row for line in series.lines for row in _rows(line, series, is_pale)]
    encoding: Spec = {
        "x": vega.number(
            "year",
            title=None,
            axis={"format": "d", "tickMinStep": 1},
            scale={"zero": False, "nice": False, "padding": 8},
        ),
        "y": vega.number("value", title=None, scale={"zero": series.name in _RATES}),
        "color": _colour([_(name) for name in places]),
        "tooltip": [
            vega.name("place"),
            vega.name("years"),
            vega.number("value", format=",.1f"),
        ],
    }
    sure = [{"filter": {"field": "pale", "equal": False}}]
    layers: list[Spec] = [
        # Under the lines: how they go on across a break, or years that are not known.
        {
            "transform": sure,
            "mark": {"type": "line", "strokeWidth": 1, "strokeDash": [2, 3], "opacity": 0.6},
            "encoding": encoding,
        },
        {
            "transform": sure,
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": encoding | {"detail": vega.name("run")},
        },
        {
            "mark": {"type": "point", "size": 22, "filled": True},
            "encoding": encoding | {"opacity": vega.where("datum.pale", 0.35, 1)},
        },
    ]
    columns = {name: [row[name] for row in rows] for name in _COLUMNS}
    return vega.layered(layers, _HEIGHT) | {"data": vega.table(columns)}


def _colour(places: list[str]) -> Spec:
    return vega.name(
        "place",
        title=None,
        sort=places,
        scale={"domain": places, "range": list(COLOURS[: len(places)])},
        legend={"orient": "bottom", "columns": 2, "labelLimit": 130, "symbolOpacity": 1},
    )


def _rows(line: Line, series: Series, is_pale_across: bool) -> list[dict[str, object]]:
    """Return the points of a line; one of a period stands in its middle."""
    is_rate = series.name in _RATES
    rows: list[dict[str, object]] = []
    run, then = 0, 0
    for point in line.points:
        # Years that are not known part the line, too.
        run += rows != [] and point.year != then
        then = point.year + point.years
        pale = is_pale_across and point.is_break
        run += pale
        first, last = point.year, point.year + (point.years if is_rate else 0)
        rows.append(
            {
                "place": _(line.label),
                "year": float(first + (point.years / 2 if is_rate and point.years > 1 else 0)),
                "years": f"{first}-{last}" if last - first > 1 else str(first),
                "value": round(point.value, 2),
                "run": run,
                "pale": pale,
            }
        )
        # A state that follows a break is of another count; births and deaths go on.
        run += point.is_break and not is_rate
    return rows

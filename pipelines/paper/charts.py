"""Charts on paper: how a figure is spread over its peers, and series over the years."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from pipelines.paper import fonts
from pipelines.paper.drawing import Dot, Drawing, Shape
from pipelines.serve import sheet_reading
from pipelines.serve.sheet_parts import QUANTILES, Distribution, Line, Point, Series
from pipelines.serve.texts import _, written

#: Colours of the lines or parts of each series, in their order.
COLOURS = {
    "population": ("#542788",),
    "components": ("#4d9221", "#2166ac"),
    "index": ("#b35806", "#555555", "#8073ac"),
    "ages": ("#c7e9b4", "#41b6c4", "#253494"),
}
_STACKED = ("components", "ages")
PLACE, GRID, GREY = "#b35806", "#e3e3e3", "#555555"
_ROW = 9.5


def strips(
    parts: Sequence[Distribution], mine: float | None, width: float, only: int | None = None
) -> Drawing:
    """Return one strip a group of peers, all on one scale.

    The pale bar holds the middle 80 %, the dark one the middle half, the notch is the middle
    place, the diamond the group as a whole, the orange line the place itself.

    Parameters
    ----------
    parts : sequence of Distribution
    mine : float or None
        The place's own figure.
    width : float
        Points.
    only : int, optional
        Position of the one group that is drawn, on the scale of all.
    """
    drawn = list(parts) if only is None else [parts[only]]
    drawing = Drawing(width, _ROW * len(drawn), alt=_("Among its peers"))
    scale = sheet_reading.Scale(parts, mine)
    for number, part in enumerate(drawn):
        _strip(drawing, scale, part, mine, number * _ROW + 1)
    return drawing


def _strip(
    drawing: Drawing,
    scale: sheet_reading.Scale,
    part: Distribution,
    mine: float | None,
    top: float,
) -> None:
    """Draw one group's strip."""
    width = drawing.width
    quantile = dict(zip(QUANTILES, part.quantiles, strict=True))
    drawing.box(0, top, width, 7.5, fill="#f3f2f6")
    for low, high, colour in ((0.1, 0.9, "#d8daeb"), (0.25, 0.75, "#a59cc8")):
        left, right = width * scale.at(quantile[low]), width * scale.at(quantile[high])
        drawing.box(left, top + 2, max(right - left, 0.5), 3.5, fill=colour)
    middle = width * scale.at(quantile[0.5])
    drawing.box(middle - 0.4, top + 1, 0.8, 5.5, fill="#4a4a4a")
    if part.value is not None:
        x, y = width * scale.at(part.value), top + 3.75
        corners = ((x, y - 2.6), (x + 2.6, y), (x, y + 2.6), (x - 2.6, y))
        # Open, as the sign in the words is: the typeface has no filled one.
        drawing.marks.append(Shape((corners,), "#ffffff", "#1b1b1b", 0.6))
    if mine is not None:
        drawing.box(width * scale.at(mine) - 0.8, top - 0.5, 1.6, 8.5, fill=PLACE)


def series(given: Series, width: float, height: float) -> Drawing:
    """Return the chart of a series: lines, or stacked bars for parts of a whole."""
    drawing = Drawing(width, height, alt=_(given.title))
    drawing.text(0, 9, _(given.title), 8.5, is_bold=True)
    drawing.text(0, 18.5, _(given.unit), 6.8, fill=GREY)
    lines = [line for line in given.lines if line.points]
    if not lines:
        drawing.text(0, 34, _("no data"), 7.5)
        return drawing
    names = COLOURS[given.name][: len(lines)]
    low, high = _reach(given.name, lines)
    ticks = _ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    area = _Area(_left(ticks), 26.0, width, height - 24.0, low, high, _years(given.name, lines))
    for tick in ticks:
        y = area.y(tick)
        drawing.line((area.left, y), (area.right, y), stroke=GRID, width=0.5)
        drawing.text(area.left - 3, y + 2.2, written(f"{tick:,g}"), 6.3, fill=GREY, anchor="right")
    for year in _marked_years(given.name, lines):
        drawing.text(area.x(year), area.bottom + 8, f"{year}", 6.3, fill=GREY, anchor="middle")
    (_bars if given.name in _STACKED else _curves)(drawing, area, given, lines)
    _keys(drawing, [_(line.label) for line in lines], names)
    return drawing


class _Area:
    """Where a chart draws, and how years and values become points."""

    def __init__(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        low: float,
        high: float,
        years: tuple[float, float],
    ) -> None:
        self.left, self.top, self.right, self.bottom = left, top, right, bottom
        self.low, self.high, self.years = low, high, years

    def x(self, year: float) -> float:
        """Return where a year stands, in points from the left."""
        first, last = self.years
        share = (year - first) / (last - first) if last > first else 0.5
        return self.left + 4 + share * (self.right - self.left - 12)

    def y(self, value: float) -> float:
        """Return where a value stands, in points from above."""
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)


def _middle(name: str, point: Point) -> float:
    """Return where a point stands: bars of a period in its middle."""
    return point.year + point.years / 2 if name == "components" else point.year


def _years(name: str, lines: Sequence[Line]) -> tuple[float, float]:
    every = [_middle(name, point) for line in lines for point in line.points]
    half = _bar_years(name, lines) / 2 if name in _STACKED else 0.0
    return min(every) - half, max(every) + half


def _bar_years(name: str, lines: Sequence[Line]) -> float:
    """Return how many years a bar takes."""
    starts = sorted({_middle(name, point) for line in lines for point in line.points})
    return min((b - a for a, b in itertools.pairwise(starts)), default=1.0)


def _reach(name: str, lines: Sequence[Line]) -> tuple[float, float]:
    """Return the least and the largest value that is drawn."""
    if name == "ages":
        return 0.0, 100.0  # shares of all people: rounded ones may sum to 100.1
    if name not in _STACKED:
        values = [p.value for line in lines for p in line.points]
        return min(values), max(values)
    above: dict[int, float] = {}
    below: dict[int, float] = {}
    for line in lines:
        for point in line.points:
            side = above if point.value >= 0 else below
            side[point.year] = side.get(point.year, 0.0) + point.value
    return min([0.0, *below.values()]), max([0.0, *above.values()])


def _ticks(low: float, high: float) -> list[float]:
    """Return four to seven round numbers from about the least to about the largest value."""
    span = (high - low) or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span / 4))
    step = next(s * power for s in (1, 2, 2.5, 5, 10) if span / (s * power) <= 5)
    first = math.floor(low / step)
    last = math.ceil(high / step)
    return [round(i * step, 10) for i in range(first, last + 1)]


def _left(ticks: Sequence[float]) -> float:
    return 6 + max(fonts.width(written(f"{tick:,g}"), 6.3) for tick in ticks)


def _marked_years(name: str, lines: Sequence[Line]) -> list[int]:
    """Return the years that are written below."""
    if name == "ages":
        return sorted({point.year for line in lines for point in line.points})[::2]
    first, last = (round(year) for year in _years(name, lines))
    step = next(s for s in (1, 2, 5, 10, 20, 50) if (last - first) / s <= 6)
    return [year for year in range(first, last + 1) if year % step == 0]


def _curves(drawing: Drawing, area: _Area, given: Series, lines: Sequence[Line]) -> None:
    """Draw lines, interrupted where the way of counting changed."""
    for line, colour in zip(lines, COLOURS[given.name], strict=False):
        run: list[tuple[float, float]] = []
        for point in line.points:
            run.append((area.x(point.year), area.y(point.value)))
            if point.is_break:
                _run(drawing, run, colour)
                run = []
        _run(drawing, run, colour)
    if given.name == "population":
        _breaks(drawing, area, lines)


def _run(drawing: Drawing, run: Sequence[tuple[float, float]], colour: str) -> None:
    if len(run) > 1:
        drawing.line(*run, stroke=colour, width=1.5)
    elif run:
        drawing.marks.append(Dot(*run[0], 1.4, colour))


def _bars(drawing: Drawing, area: _Area, given: Series, lines: Sequence[Line]) -> None:
    """Draw parts on top of each other; what is taken off hangs below zero."""
    wide = 0.8 * (area.x(_bar_years(given.name, lines)) - area.x(0))
    above: dict[int, float] = {}
    below: dict[int, float] = {}
    for number, (line, colour) in enumerate(zip(lines, COLOURS[given.name], strict=False)):
        for point in line.points:
            side = above if point.value >= 0 else below
            start = side.get(point.year, 0.0)
            side[point.year] = start + point.value
            top, bottom = area.y(max(start, side[point.year])), area.y(min(start, side[point.year]))
            # Births, deaths and ages are counted; migration across a break is a revision.
            is_pale = point.is_break and given.name == "components" and number == 1
            fill = "#bdd0e4" if is_pale else colour
            left = area.x(_middle(given.name, point)) - wide / 2
            drawing.box(left, top, wide, max(bottom - top, 0.2), fill=fill)
    drawing.line((area.left, area.y(0)), (area.right, area.y(0)), stroke="#444444", width=0.6)
    if given.name == "components":
        _breaks(drawing, area, lines)


def _breaks(drawing: Drawing, area: _Area, lines: Sequence[Line]) -> None:
    """Draw dashed lines where the series is counted in another way from then on."""
    for year in sorted({p.year + p.years for line in lines for p in line.points if p.is_break}):
        x = area.x(year)
        drawing.line((x, area.top), (x, area.bottom), stroke=PLACE, width=0.7, dash=(2, 2))


def _keys(drawing: Drawing, labels: Sequence[str], colours: Sequence[str]) -> None:
    """Write what the colours mean, below; a single line needs no key."""
    if len(labels) < 2:
        return
    x, y = 0.0, drawing.height - 3
    for label, colour in zip(labels, colours, strict=False):
        if x + 12 + fonts.width(label, 6.5) > drawing.width and x > 0:
            x = 0.0
        drawing.box(x, y - 5, 7, 5, fill=colour)
        drawing.text(x + 10, y, label, 6.5)
        x += 18 + fonts.width(label, 6.5)

"""Small maps side by side: one measure in several years, with the same classes and one legend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reportlab.platypus import Flowable, Spacer

from pipelines.paper import fonts, maps, page
from pipelines.paper.drawing import Drawing, Shape
from pipelines.paper.page import WIDTH, Context, text
from pipelines.paper.sheet import MAP_SOURCES
from pipelines.serve.palettes import NO_DATA
from pipelines.serve.store import Store

#: How many maps a picture has at most.
MOST = 6
_GAP, _HEAD, _SHARE = 10.0, 14.0, 0.82  # points, points, height by width of a map
_SWATCH, _ROW = 13.0, 12.0


@dataclass(frozen=True)
class Panel:
    """One small map.

    Attributes
    ----------
    heading : str
        What stands above it: its year.
    colours : mapping of str to str
        Colour of each region by its code; one that is not in it has no data.
    """

    heading: str
    colours: Mapping[str, str]


@dataclass(frozen=True)
class Multiples:
    """Small maps with one legend.

    Attributes
    ----------
    title, words : str
        The question that they answer, and the filter in words.
    level : int
        NUTS level of what is drawn.
    panels : sequence of Panel
        At most ``MOST``, in the order of reading.
    legend_title : str
        What the colours show, with its unit.
    legend : sequence of (str, str)
        Colour and label of each class, of no data and of what is not selected.
    focus : tuple of str
        Codes that the frame holds; empty: all of Europe.
    outlined : str
        Code of the region with a strong outline, or empty.
    sources : tuple of str
        Names of the sources of what is shown.
    note : str
        Years and boundaries.
    """

    title: str
    words: str
    level: int
    panels: Sequence[Panel]
    legend_title: str
    legend: Sequence[tuple[str, str]]
    focus: tuple[str, ...] = ()
    outlined: str = ""
    sources: tuple[str, ...] = ()
    note: str = ""


def draw(store: Store, given: Multiples, width: float) -> Drawing:
    """Return the small maps, so many points wide, with their legend below."""
    across = 2 if len(given.panels) in (1, 2, 4) else 3
    wide = (width - _GAP * (across - 1)) / across
    high = wide * _SHARE
    down = -(-len(given.panels) // across)
    legend = _legend(given, width)
    drawing = Drawing(width, down * (high + _HEAD + 4) + legend.height, alt=given.title)
    ground = _Ground(store, given, wide, high)
    for number, panel in enumerate(given.panels):
        x = number % across * (wide + _GAP)
        y = number // across * (high + _HEAD + 4)
        drawing.text(x, y + _HEAD - 4, panel.heading, 9, is_bold=True)
        drawing.place(ground.of(panel), x, y + _HEAD)
    drawing.place(legend, 0, drawing.height - legend.height)
    return drawing


class _Ground:
    """What all small maps have in common: outlines are cut and turned into points once."""

    def __init__(self, store: Store, given: Multiples, width: float, height: float) -> None:
        shown = maps.RegionMap(given.level, {}, "", (), focus=given.focus)
        frame = maps.frame_of(store, shown, width, height)
        self.size = (width, height)
        self.land = maps.land(store, frame)
        self.regions = maps.regions(store, given.level, frame)
        self.lines = maps.countries(store, frame)
        outlined = maps.regions(store, len(given.outlined) - 2, frame) if given.outlined else []
        self.marked = [rings for code, rings in outlined if code == given.outlined]

    def of(self, panel: Panel) -> Drawing:
        """Return one map."""
        width, height = self.size
        drawn = Drawing(width, height)
        drawn.box(0, 0, width, height, fill=maps.SEA)
        drawn.marks += [Shape(rings, fill=maps.LAND) for rings in self.land]
        # Regions of a colour are one shape: a sixth of the marks, and nothing shows between them.
        by_colour: dict[str, list[list[tuple[float, float]]]] = {}
        for code, rings in self.regions:
            by_colour.setdefault(panel.colours.get(code, NO_DATA), []).extend(rings)
        drawn.marks += [
            Shape(tuple(rings), colour, maps.REGION_LINE, 0.15)
            for colour, rings in by_colour.items()
        ]
        for line in self.lines:
            drawn.line(*line, stroke=maps.COUNTRY_LINE, width=0.4)
        drawn.marks += [Shape(rings, stroke=maps.MARK, width=0.8) for rings in self.marked]
        drawn.box(0, 0, width, height, stroke="#9a9a9a", width=0.5)
        return drawn


def _legend(given: Multiples, width: float) -> Drawing:
    """Return the one legend: swatches beside each other, from row to row."""
    legend = Drawing(width, 0)
    legend.text(0, 14, given.legend_title, 8.5, is_bold=True)
    x, y = 0.0, 28.0
    for colour, label in given.legend:
        wide = _SWATCH + 5 + fonts.width(label, 7.5) + 14
        if x + wide > width and x:
            x, y = 0.0, y + _ROW
        legend.box(x, y - 7, _SWATCH, 8.5, fill=colour, stroke="#777777", width=0.5)
        legend.text(x + _SWATCH + 5, y, label, 7.5)
        x += wide
    for line in fonts.lines(f"{given.note} EPSG:3035.".strip(), 6.5, width):
        y += 10
        legend.text(0, y, line, 6.5, fill=page.GREY)
    legend.height = y + 6
    return legend


def picture(store: Store, given: Multiples, form: str, dpi: int = 300) -> bytes:
    """Return small maps for a slide or a page: ``form`` is ``png`` or ``svg``.

    Parameters
    ----------
    store : Store
    given : Multiples
    form : str
    dpi : int
        Dots to an inch of a ``png``, 1/72 inch being a point; the picture is 780 points wide.
    """
    drawing = draw(store, given, 760)
    credit = page.map_credit(store, *given.sources, *MAP_SOURCES)
    lines = fonts.lines(f"{given.words}. {credit}. Hinterland, {store.pointer.hash}.", 6.5, 760)
    whole = Drawing(780, drawing.height + 40 + 8.5 * len(lines), alt=given.title)
    whole.box(0, 0, whole.width, whole.height, fill="#ffffff")
    whole.text(10, 20, given.title, 14, is_bold=True)
    whole.place(drawing, 10, 28)
    for number, line in enumerate(lines):
        whole.text(10, drawing.height + 36 + 8.5 * number, line, 6.5, fill=page.GREY)
    return whole.svg() if form == "svg" else whole.png(dpi)


def pdf(store: Store, given: Multiples, context: Context) -> bytes:
    """Return small maps on a page of A4, with sources, date and link."""
    story: list[Flowable] = [
        text(given.title, page.TITLE),
        text(given.words, page.WHERE),
        Spacer(0, 4),
        draw(store, given, WIDTH).flowable(),
        Spacer(0, 6),
    ]
    story += page.credits(store, (*given.sources, *MAP_SOURCES), context, given.title)
    return page.pdf(story, given.title, store, context)

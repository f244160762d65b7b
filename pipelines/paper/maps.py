"""Maps on paper: regions in the equal-area plane of EPSG:3035 as shapes, with legend and scale."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from pipelines.geo.projection import to_plane
from pipelines.paper import fonts
from pipelines.paper.drawing import Dot, Drawing, Shape, Text
from pipelines.serve import labels, queries
from pipelines.serve.palettes import NO_DATA
from pipelines.serve.store import Store
from pipelines.serve.texts import _, figure, written

SEA, LAND, INK, MARK = "#dfeaf0", "#f1efea", "#222222", "#111111"
COUNTRY_LINE, REGION_LINE = "#5f5f5f", "#ffffff"
#: Europe in km: from Iceland and Portugal to Turkey's east; the outermost regions lie beyond.
EUROPE = (2500.0, 1300.0, 7400.0, 5420.0)
_FINEST = 0.35  # points: corners closer than that are not told apart in print
_LETTER = 1.75  # pixels that a label's rule takes for a point of these small letters
_LEGEND_WIDTH, _ROW = 138.0, 11.0
_NAMES = 12
#: So many towns of the region itself are named before larger ones beside it.
_OWN_NAMES = 5

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Square:
    """The legend of a map of two measures: three by three classes.

    Attributes
    ----------
    colours : tuple of str
        Of class ``3 * second + first``.
    counts : tuple of int
        Regions of each class.
    first, second : str
        Measures with their units: the first from left to right, the second upwards.
    spans : tuple of tuple of str
        What low, middle and high are of each.
    """

    colours: tuple[str, ...]
    counts: tuple[int, ...]
    first: str
    second: str
    spans: tuple[tuple[str, str, str], tuple[str, str, str]]


@dataclass(frozen=True)
class RegionMap:
    """What a map of regions shows.

    Attributes
    ----------
    level : int
        NUTS level of what is drawn.
    colours : mapping of str to str
        Colour of each region by its code; one that is not in it has no data.
    title : str
        What it shows, with its unit.
    legend : tuple of (str, str, str)
        Colour, label and count of each class, then of no data and of what is not selected.
    outlined : tuple of str
        Codes of regions with a strong outline; of any level.
    focus : tuple of str
        Codes of the regions that the frame holds; empty: all of Europe.
    around : float
        Share of their extent that the frame leaves on each side of them.
    mark : (float, float, str) or None
        Longitude, latitude (EPSG:4326) and name of one place that is marked.
    note : str
        Years and boundaries, below the legend.
    square : Square or None
        Legend of a map of two measures, above the other swatches.
    """

    level: int
    colours: Mapping[str, str]
    title: str
    legend: tuple[tuple[str, str, str], ...]
    outlined: tuple[str, ...] = ()
    focus: tuple[str, ...] = ()
    around: float = 0.1
    mark: tuple[float, float, str] | None = None
    note: str = ""
    square: Square | None = None


class Frame:
    """The part of the plane that a map shows, and its scale."""

    def __init__(self, box: Box, width: float, height: float) -> None:
        west, south, east, north = box
        self.scale = min(width / (east - west), height / (north - south))  # points a km
        x, y = (west + east) / 2, (south + north) / 2
        half = width / 2 / self.scale, height / 2 / self.scale
        self.box: Box = (x - half[0], y - half[1], x + half[0], y + half[1])
        self.middle, self.size = (x, y), (width, height)

    def points(self, km: NDArray[np.float64]) -> list[tuple[float, float]]:
        """Return places in km, shape (n, 2), as points on the page."""
        x = (km[:, 0] - self.box[0]) * self.scale
        y = (self.box[3] - km[:, 1]) * self.scale
        return list(zip(np.round(x, 2).tolist(), np.round(y, 2).tolist(), strict=True))

    def rings(self, shape: shapely.Geometry) -> tuple[list[tuple[float, float]], ...]:
        """Return the rings of an outline (km) within the frame, as points on the page."""
        cut = shapely.clip_by_rect(shapely.simplify(shape, _FINEST / self.scale), *self.box)
        parts = [p for p in shapely.get_parts(cut) if p.geom_type == "Polygon" and not p.is_empty]
        rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
        return tuple(self.points(shapely.get_coordinates(ring)) for ring in rings)

    def lines(self, shape: shapely.Geometry) -> list[list[tuple[float, float]]]:
        """Return lines (km) within the frame, as points on the page."""
        cut = shapely.clip_by_rect(shapely.simplify(shape, _FINEST / self.scale), *self.box)
        parts = [p for p in shapely.get_parts(cut) if p.geom_type == "LineString"]
        return [self.points(shapely.get_coordinates(part)) for part in parts if not part.is_empty]


def outlines(store: Store, level: int) -> tuple[list[str], NDArray[np.object_]]:
    """Return codes and outlines (km, EPSG:3035) of all regions of a level, read once."""
    return store.memo(("paper outlines", level), lambda: _read(store, f"regions-{level}"))


def _read(store: Store, name: str) -> tuple[list[str], NDArray[np.object_]]:
    features = store.map_file(name)["features"]
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in features]
    codes = [str((feature.get("properties") or {}).get("id", "")) for feature in features]
    return codes, shapely.make_valid(np.array(shapes, dtype=object))


def _borders(store: Store) -> shapely.Geometry:
    """Return the lines between countries (km, EPSG:3035), read once."""

    def read() -> shapely.Geometry:
        segments = [(s["a"], s["b"]) for s in store.map_file("borders-0")]
        return shapely.line_merge(shapely.MultiLineString(segments))

    return store.memo("paper borders", read)


def frame_of(store: Store, shown: RegionMap, width: float, height: float) -> Frame:
    """Return the frame of a map that is so many points wide and high."""
    boxes = queries.region_bounds(store)
    # A country's smallest regions: its parts beyond the ocean would make all else a dot.
    smallest = [code for code in boxes if len(code) == 5 and code.startswith(shown.focus)]
    known = [boxes[code] for code in (smallest if shown.focus else ())]
    inside = [box for box in known if _overlaps(box, EUROPE)]
    if not known:
        return Frame(EUROPE, width, height)
    west, south, east, north = zip(*(inside or known), strict=True)
    box = [min(west), min(south), max(east), max(north)]
    if inside:
        box = [*np.maximum(box[:2], EUROPE[:2]), *np.minimum(box[2:], EUROPE[2:])]
    pad = shown.around * max(box[2] - box[0], box[3] - box[1])
    return Frame((box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad), width, height)


def _overlaps(box: Sequence[float], other: Sequence[float]) -> bool:
    return box[0] < other[2] and box[2] > other[0] and box[1] < other[3] and box[3] > other[1]


def draw(
    store: Store, shown: RegionMap, width: float, height: float, *, heading: str = ""
) -> Drawing:
    """Return a map with its legend right of it.

    Parameters
    ----------
    store : Store
    shown : RegionMap
    width, height : float
        Points, legend included.
    heading : str
        What stands above a picture that stands alone.
    """
    drawing = Drawing(width, height, alt=heading or shown.title)
    top = 24.0 if heading else 0.0
    if heading:
        drawing.box(0, 0, width, height, fill="#ffffff")
        drawing.text(0, 15, heading, 14, is_bold=True)
    across, down = width - _LEGEND_WIDTH - 10, height - top
    frame = frame_of(store, shown, across, down)
    drawing.place(_ground(store, shown, frame), 0, top)
    drawing.place(_legend(shown, frame, down), across + 10, top)
    return drawing


Rings = tuple[list[tuple[float, float]], ...]


def land(store: Store, frame: Frame) -> list[Rings]:
    """Return the land without regions within a frame, as points on the page."""
    _codes, shapes = store.memo("paper land", lambda: _read(store, "land"))
    inside = shapes[shapely.intersects(shapes, shapely.box(*frame.box))]
    return [rings for shape in inside if (rings := frame.rings(shape))]


def regions(store: Store, level: int, frame: Frame) -> list[tuple[str, Rings]]:
    """Return code and outline of each region of a level within a frame, as points on the page."""
    codes, shapes = outlines(store, level)
    inside = np.flatnonzero(shapely.intersects(shapes, shapely.box(*frame.box)))
    return [(codes[i], rings) for i in inside if (rings := frame.rings(shapes[i]))]


def countries(store: Store, frame: Frame) -> list[list[tuple[float, float]]]:
    """Return the lines between countries within a frame, as points on the page."""
    return frame.lines(_borders(store))


def _ground(store: Store, shown: RegionMap, frame: Frame) -> Drawing:
    """Return the map itself."""
    width, height = frame.size
    ground = Drawing(width, height)
    ground.box(0, 0, width, height, fill=SEA)
    ground.marks += [Shape(rings, fill=LAND) for rings in land(store, frame)]
    fine = 0.35 if len(outlines(store, shown.level)[0]) > 300 and not shown.focus else 0.5
    for code, rings in regions(store, shown.level, frame):
        colour = shown.colours.get(code, NO_DATA)
        ground.marks.append(Shape(rings, colour, REGION_LINE, fine))
    for line in countries(store, frame):
        ground.line(*line, stroke=COUNTRY_LINE, width=0.7)
    for code in shown.outlined:
        level_codes, level_shapes = outlines(store, max(len(code) - 2, 0))
        if code in level_codes and (rings := frame.rings(level_shapes[level_codes.index(code)])):
            ground.marks.append(Shape(rings, stroke=MARK, width=1.6))
    ground.marks += _places(store, shown, frame)
    _scale_bar(ground, frame)
    ground.box(0, 0, width, height, stroke="#9a9a9a", width=0.5)
    return ground


def _places(store: Store, shown: RegionMap, frame: Frame) -> list[Dot | Text]:
    """Return names of the largest places in view, or of the one that is marked."""
    width, height = frame.size
    marks: list[Dot | Text] = []
    zoom = math.log2(frame.scale * _LETTER)
    most = _NAMES if shown.focus else 0
    named = labels.labels(
        store,
        *frame.middle,
        zoom,
        width * _LETTER,
        height * _LETTER,
        most,
        largest_in(store, shown.focus),
    )
    special = shown.mark[2] if shown.mark else ""
    if shown.mark:
        plane = to_plane(np.array([shown.mark[0]]), np.array([shown.mark[1]]))
        (x, y), *_rest = frame.points(plane)
        here = Text(x + 5, y + 3, special, 8.5, INK, is_bold=True, halo="#ffffff")
        named = [n for n in named if not _hides(frame, n, (x, y, here))]
        marks = [Dot(x, y, 3.2, MARK, "#ffffff", 0.8), here]
    for place in named if most else ():
        ((x, y),) = frame.points(np.array([[place["x"], place["y"]]]))
        is_right = place["anchor"] == "start"
        marks.append(Dot(x, y, 1.3, INK, "#ffffff", 0.4))
        marks.append(
            Text(
                x + (3 if is_right else -3),
                y + 2.3,
                place["name"],
                6.8,
                "#333333",
                anchor="left" if is_right else "right",
                halo="#ffffff",
            )
        )
    return marks


def largest_in(store: Store, regions: Sequence[str]) -> tuple[int, ...]:
    """Return the identifiers of the largest settlements of some regions of any level."""
    rows = store.column(
        "select geonameid from marts.towns where part_of is null and list_bool_or("
        "list_transform($codes::varchar[], code -> starts_with(nuts_id, code))) "
        "order by population desc nulls last, geonameid limit $most",
        {"codes": list(regions), "most": _OWN_NAMES},
    )
    return tuple(int(row) for row in rows)


def _hides(frame: Frame, place: dict[str, Any], mark: tuple[float, float, Text]) -> bool:
    """Tell whether a name would stand on the marked one, or is its own."""
    x, y, text = mark
    ((a, b),) = frame.points(np.array([[place["x"], place["y"]]]))
    wide = fonts.width(place["name"], 6.8) + 4
    left, right = (a - 2, a + wide) if place["anchor"] == "start" else (a - wide, a + 2)
    own = x + 8 + fonts.width(text.text, text.size, text.font)
    return left < own and right > x - 6 and abs(b - y) < 10


def _scale_bar(ground: Drawing, frame: Frame) -> None:
    """Draw how long some round number of kilometres is."""
    room = 90.0 / frame.scale
    power = 10 ** math.floor(math.log10(room))
    length = max(step * power for step in (1, 2, 5) if step * power <= room)
    long, base = length * frame.scale, frame.size[1] - 8
    ground.box(5, base - 12, long + 8, 17, fill="#ffffff")
    bar = ((9.0, base - 3), (9.0, base), (9 + long, base), (9 + long, base - 3))
    ground.line(*bar, stroke=INK, width=0.8)
    ground.text(9 + long / 2, base - 4, f"{written(f'{length:,g}')} km", 6.5, anchor="middle")


def _legend(shown: RegionMap, frame: Frame, height: float) -> Drawing:
    """Return the legend with units, counts and no data, and what the lines mean."""
    legend = Drawing(_LEGEND_WIDTH, height)
    y = 8.0
    for line in fonts.lines(shown.title, 8, _LEGEND_WIDTH, fonts.BOLD):
        legend.text(0, y, line, 8, is_bold=True)
        y += 10
    y += 2
    if shown.square:
        y = _square(legend, shown.square, y)
    for colour, label, count in shown.legend:
        room = _LEGEND_WIDTH - 20 - (fonts.width(count, 7) + 6 if count else 0)
        rows = fonts.lines(label, 7, room)
        legend.box(0, y - 6, 13, 8, fill=colour, stroke="#777777", width=0.5)
        legend.text(_LEGEND_WIDTH, y, count, 7, fill="#555555", anchor="right")
        for row in rows:
            legend.text(18, y, row, 7)
            y += 8.5
        y += _ROW - 8.5
    if shown.outlined:
        legend.box(0.8, y - 6, 12, 8, stroke=MARK, width=1.6)
        legend.text(18, y, _outlined(shown), 7)
        y += _ROW
    legend.line((0, y - 2), (13, y - 2), stroke=COUNTRY_LINE, width=0.9)
    legend.text(18, y, _("border of a country"), 7)
    y += _ROW + 3
    notes = [shown.note, "EPSG:3035."]
    if not _overlaps(frame.box, EUROPE):
        notes.append(_("So far from Europe the projection stretches: the scale is approximate."))
    for line in fonts.lines(" ".join(notes).strip(), 6.3, _LEGEND_WIDTH):
        legend.text(0, y, line, 6.3, fill="#555555")
        y += 7.8
    return legend


def _square(legend: Drawing, square: Square, top: float) -> float:
    """Draw the legend of two measures; return where the next line stands."""
    side, left, y = 24.0, 8.0, top
    for line in fonts.lines(square.second, 7, _LEGEND_WIDTH):
        legend.text(0, y, line, 7)
        y += 8.5
    y -= 4
    for place, (colour, count) in enumerate(zip(square.colours, square.counts, strict=True)):
        x, up = left + place % 3 * side, y + (2 - place // 3) * side
        legend.box(x, up, side, side, fill=colour, stroke="#777777", width=0.4)
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        ink = "#1a1a1a" if 0.3 * red + 0.59 * green + 0.11 * blue > 125 else "#ffffff"
        legend.text(x + side / 2, up + 14.5, written(f"{count:,}"), 6.5, fill=ink, anchor="middle")
    for step, span in enumerate(square.spans[1]):
        legend.text(left + 3 * side + 4, y + (2 - step) * side + 14, span, 6)
    # Arrows are drawn: the typeface has none.
    end, low = left + 3 * side, y + 3 * side
    legend.line((3.5, low), (3.5, y + 1), stroke=INK, width=0.7)
    legend.line((1.5, y + 4), (3.5, y), (5.5, y + 4), stroke=INK, width=0.7)
    legend.line((left, low + 4.5), (end - 1, low + 4.5), stroke=INK, width=0.7)
    legend.line((end - 4, low + 2.5), (end, low + 4.5), (end - 4, low + 6.5), stroke=INK, width=0.7)
    y = low + 15
    for line in fonts.lines(square.first, 7, _LEGEND_WIDTH):
        legend.text(0, y, line, 7)
        y += 8.5
    for line in fonts.lines("; ".join(square.spans[0]), 6, _LEGEND_WIDTH):
        legend.text(0, y, line, 6)
        y += 7.5
    return y + 5


def _outlined(shown: RegionMap) -> str:
    if len(set(shown.outlined)) > 1:
        return _("these regions")
    return _("this country") if len(shown.outlined[0]) == 2 else _("this region")


def classed(
    values: Mapping[str, float | None], bounds: Sequence[float], colours: Sequence[str]
) -> tuple[dict[str, str], tuple[tuple[str, str, str], ...]]:
    """Return colours by code, and the legend from the highest class to no data.

    Parameters
    ----------
    values : mapping of str to float or None
        A number a region; None has no data.
    bounds : sequence of float
        Rising upper bounds of all classes but the last; a class includes its own.
    colours : sequence of str
        One more than bounds, from low to high.
    """
    known = {code: value for code, value in values.items() if value is not None}
    places = np.searchsorted(bounds, list(known.values()), side="left")
    counts = np.bincount(places, minlength=len(colours))
    coloured = {code: colours[i] for code, i in zip(known, places, strict=True)}
    shown = [figure(bound, "{:+g}") for bound in bounds]
    middle = [
        _("above {low} to {high}").format(low=low, high=high)
        for low, high in itertools.pairwise(shown)
    ]
    words = [_("up to {high}").format(high=shown[0]), *middle]
    words.append(_("above {low}").format(low=shown[-1]))
    rows = [(c, w, written(f"{n:,}")) for c, w, n in zip(colours, words, counts, strict=True)]
    missing = (NO_DATA, _("no data"), written(f"{len(values) - len(known):,}"))
    return coloured, (*reversed(rows), missing)


def typed(
    values: Mapping[str, object],
    palette: Mapping[str, str],
    among: Iterable[str] | None = None,
    words: Mapping[str, str] | None = None,
) -> tuple[dict[str, str], tuple[tuple[str, str, str], ...]]:
    """Return colours by code, and the legend of a typology in its own order.

    Parameters
    ----------
    values : mapping of str to object
        A class a region; what is none has no data.
    palette : mapping of str to str
        Colour of each class.
    among : iterable of str, optional
        Codes that are counted; all by default.
    words : mapping of str to str, optional
        What the legend says of a class whose name is a letter.
    """
    said = words or {}
    coloured = {code: palette[str(v)] for code, v in values.items() if str(v) in palette}
    counted = [str(values[code]) for code in (values if among is None else among)]
    rows = [
        (colour, _(said.get(name, name)), written(f"{counted.count(name):,}"))
        for name, colour in palette.items()
    ]
    missing = sum(name not in palette for name in counted)
    return coloured, (*rows, (NO_DATA, _("no data"), written(f"{missing:,}")))

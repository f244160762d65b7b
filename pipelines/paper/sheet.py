"""A place's sheet on A4: who it is, each figure among its peers, map, charts, sources."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any
from urllib.parse import urlencode

from reportlab.lib.colors import HexColor
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer

from pipelines.paper import charts, maps, page
from pipelines.paper.drawing import Drawing
from pipelines.paper.page import WIDTH, Context, text
from pipelines.serve import queries, sheet_reading
from pipelines.serve.moved import Moved, stands_on
from pipelines.serve.palettes import PUOR
from pipelines.serve.sheet_parts import Fact, Figure, Place, PlaceSheet, Section
from pipelines.serve.sheet_words import LEVELS
from pipelines.serve.store import Store
from pipelines.serve.texts import _

MAP_SOURCES = ("gisco_nuts_2021", "natural_earth_land", "geonames_cities500")
_MEASURE = "change_pct"
MAP_HEIGHT, CHART_HEIGHT = 218.0, 138.0
_WHAT, _VALUE, _STRIP, _RANK = 160.0, 96.0, 98.0, 60.0  # widths of a figure's columns
_LEAST = 95.0  # points that a heading wants below it, or it begins a page
_CELL_LINE = ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(page.HAIR))


def path(place: Place, moved: Moved = ()) -> str:
    """Return the path and query that open a place's sheet in the dashboard."""
    return f"/place?{urlencode({place.kind: place.id, **dict(moved)})}"


def title(place: Place) -> str:
    """Return a place's name with its code."""
    return f"{_(place.name)} ({place.id})"


def pdf(store: Store, sheet: PlaceSheet, context: Context) -> bytes:
    """Return a place's sheet as a PDF.

    Parameters
    ----------
    store : Store
        The database that it was made from.
    sheet : PlaceSheet
    context : Context
        Where and when it is printed.
    """
    return page.pdf(story(store, sheet, context), title(sheet.place), store, context)


def story(store: Store, sheet: PlaceSheet, context: Context) -> list[Flowable]:
    """Return what stands on a sheet's pages."""
    place = sheet.place
    parts: list[Flowable] = [text(_(place.name), page.TITLE)]
    if place.name_local:
        parts.append(text(place.name_local, page.LOCAL))
    parts += [
        text(where(place), page.WHERE),
        text(" ".join(s.worded() for s in sheet.headline), page.LEAD),
        *([text(stands_on(sheet.moved), page.SMALL)] if sheet.moved else []),
        _tiles(sheet),
        Spacer(0, 8),
        place_map(store, place, WIDTH, MAP_HEIGHT).flowable(),
        Spacer(0, 6),
        text(sheet_reading.how_to_read(), page.SMALL),
    ]
    for section in sections(sheet):
        parts += _section(section)
    sources = (*sheet.sources, *MAP_SOURCES, *measure_sources(store))
    return [*parts, *page.credits(store, sources, context, title(place))]


def sections(sheet: PlaceSheet) -> list[Section]:
    """Return the topics that say something on paper: a list of links to follow does not."""
    is_town = sheet.place.kind == "town"
    return [s for s in sheet.sections if (is_town or s.name != "fits") and _holds(s)]


def _holds(section: Section) -> bool:
    return any((section.sentences, section.figures, section.facts, section.series, section.entries))


def where(place: Place) -> str:
    """Return what a place is and what it lies in."""
    kind = _(LEVELS[place.level or 0]) if place.kind == "region" else _("Town or village")
    inside = " › ".join(_(name) for _code, name in place.within)
    if not inside and place.kind == "town":
        inside = _(place.country_name)
    return " · ".join(filter(None, (kind, place.id, inside)))


def measure_sources(store: Store) -> Sequence[str]:
    """Return the sources of what the map of a sheet shows."""
    sources: Sequence[str] = queries.population_basis(store)["sources"]
    return sources


def place_map(store: Store, place: Place, width: float, height: float) -> Drawing:
    """Return the map of a place among its neighbours, coloured by change of the population.

    Parameters
    ----------
    store : Store
    place : Place
    width, height : float
        Points, legend included.
    """
    return maps.draw(store, region_map(store, place), width, height)


def region_map(store: Store, place: Place) -> maps.RegionMap:
    """Return what the map of a place shows."""
    level = 3 if place.level is None else place.level
    table = queries.region_values(store, level, _MEASURE)
    values = {
        code: None if missing else float(value)
        for code, value, missing in zip(
            table["nuts_id"], table["value"], table["value"].isna(), strict=True
        )
    }
    bounds = queries.map_breaks(store, _MEASURE) or []
    colours, legend = maps.classed(values, bounds, PUOR)
    basis = queries.population_basis(store)
    years = _("{first} to {last}").format(first=basis["year_start"], last=basis["year_end"])
    codes = (place.region,) if place.region else ()
    is_town = place.kind == "town"
    return maps.RegionMap(
        level,
        colours,
        _("Change of the population, %"),
        legend,
        outlined=codes,
        focus=codes,
        around=0.3 if level == 0 else 0.7,
        mark=(place.lon, place.lat, place.name)
        if is_town and place.lon is not None and place.lat is not None
        else None,
        note=f"{years}, {_('counts: all regions of this level')}, NUTS 2021.",
    )


def _tiles(sheet: PlaceSheet) -> Flowable:
    """Return the figures that come first, each in a box."""
    figures = sheet_reading.first_figures(sheet)
    if not figures:
        return Spacer(0, 0)
    wide = min(len(figures), 3 if len(figures) != 4 else 4)
    cells: list[Any] = [_tile(figure) for figure in figures]
    rows = [cells[i : i + wide] for i in range(0, len(cells), wide)]
    rows[-1] += [""] * (wide - len(rows[-1]))
    look = (
        ("BOX", (0, 0), (-1, -1), 0.5, HexColor("#c9c3d6")),
        ("INNERGRID", (0, 0), (-1, -1), 0.5, HexColor("#c9c3d6")),
        ("LEFTPADDING", (0, 0), (-1, -1), 7),
        ("TOPPADDING", (0, 0), (-1, -1), 5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
        ("BACKGROUND", (0, 0), (-1, -1), HexColor("#faf9fc")),
    )
    return page.grid(rows, [WIDTH / wide] * wide, *look)


def _tile(figure: Figure) -> list[Flowable]:
    number, unit = sheet_reading.split(figure.written())
    others = [
        f"{part.label.worded()}: {figure.written(sheet_reading.typical(part))}"
        + ("" if part.value is not None else f" ({_('middle')})")
        for part in figure.beside
        if part.group != "type"
    ]
    return [
        text(_(figure.label), page.LABEL),
        page.two(number, unit, page.BIG, 8),
        *(text(line, page.SMALL) for line in (figure.years, *others) if line),
    ]


def _section(section: Section) -> list[Flowable]:
    """Return one topic."""
    parts: list[Flowable] = [text(s.worded(), page.BODY) for s in section.sentences]
    if section.figures:
        # The first row alone, so that the heading can stay with it and the rest goes on.
        parts += [_figures(rows) for rows in (section.figures[:1], section.figures[1:]) if rows]
    if section.facts:
        parts.append(_facts(section.facts))
    if section.series:
        parts.append(_charts(section))
    parts += [page.entry(e.name, e.note.worded(), e.told()) for e in section.entries]
    notes = " ".join(note.worded() for note in section.notes)
    parts += [text(line, page.SMALL) for line in (notes, section.notice) if line]
    return [
        CondPageBreak(_LEAST),
        KeepTogether([text(_(section.title), page.HEAD), *parts[:1]]),
        *parts[1:],
    ]


def _figures(figures: Sequence[Figure]) -> Flowable:
    """Return a row a figure: what it is, its value, and the place among its peers."""
    rows = [_figure(figure) for figure in figures]
    return page.grid(rows, (_WHAT, _VALUE, WIDTH - _WHAT - _VALUE), _CELL_LINE)


def _figure(figure: Figure) -> list[Any]:
    number, unit = sheet_reading.split(figure.written())
    flags = " ".join(flag.worded() for flag in figure.flags)
    what: list[Flowable] = [text(_(figure.label), page.LABEL)]
    if meaning := figure.meaning.worded():
        what.append(text(meaning, page.SMALL))
    value: list[Flowable] = [page.two(number, unit, page.VALUE, 7.5)]
    value += [text(line, page.SMALL) for line in (figure.years, flags) if line]
    return [what, value, _peers(figure)]


def _peers(figure: Figure) -> Any:
    """Return the strips of a figure: a group, how it is spread, the place's rank."""
    if not figure.beside:
        return ""
    mine = figure.value if isinstance(figure.value, int | float) else None
    rows = []
    for number, part in enumerate(figure.beside):
        strip = charts.strips(figure.beside, mine, _STRIP, only=number)
        rows.append(
            [
                text(part.label.worded(), page.TINY),
                strip.flowable(),
                text(sheet_reading.rank(part), page.TINY),
            ]
        )
    tight = (
        ("TOPPADDING", (0, 0), (-1, -1), 0.4),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0.4),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    )
    room = WIDTH - _WHAT - _VALUE - 8
    return page.grid(rows, (room - _STRIP - 4 - _RANK, _STRIP + 4, _RANK), *tight)


def _facts(facts: Sequence[Fact]) -> Flowable:
    """Return facts in three columns."""
    cells = [
        [
            text(_(fact.label), page.SMALL),
            text(fact.value.worded(), page.BODY),
            *([text(fact.meaning.worded(), page.SMALL)] if fact.meaning else []),
        ]
        for fact in facts
    ]
    rows = list(zip_longest(cells[::3], cells[1::3], cells[2::3], fillvalue=""))
    return page.grid(rows, [WIDTH / 3] * 3)


def _charts(section: Section) -> Flowable:
    """Return the charts of a topic, two in a row."""
    wide = (WIDTH - 16) / 2
    drawn = [charts.series(s, wide, CHART_HEIGHT).flowable() for s in section.series]
    rows = list(zip_longest(drawn[::2], drawn[1::2], fillvalue=""))
    look = (("TOPPADDING", (0, 0), (-1, -1), 6), ("RIGHTPADDING", (0, 0), (-1, -1), 0))
    return page.grid(rows, (wide + 16, wide), *look)

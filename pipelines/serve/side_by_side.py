"""Places side by side: the figures of their sheets, what differs, their series on one scale.

Nothing is computed anew: each figure is the one of the place's own sheet
(:func:`pipelines.serve.sheet.figure_sheet`), so that two pages never say different things.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from pipelines.serve import sheet_series, texts
from pipelines.serve.moved import Moved
from pipelines.serve.sheet import figure_sheet
from pipelines.serve.sheet_parts import (
    Fact,
    Figure,
    Line,
    Place,
    PlaceSheet,
    Point,
    Section,
    Sentence,
    Series,
    sentence,
)
from pipelines.serve.store import Store
from pipelines.serve.texts import N_, _

#: So many places stand side by side.
FEWEST, MOST = 2, 6
HIGHEST, LOWEST = N_("highest"), N_("lowest")
BEST, WORST = N_("best"), N_("worst")
#: Sections in which less is plainly better: minutes, and shares of people who are far away.
_LESS_IS_BETTER = ("remoteness", "services")
#: Facts that stand beside each other: what is a class, or known of each place or not at all.
_FACTS = (
    "Kind of region",
    "Births, deaths, migration",
    "How fast",
    "Over two periods",
    "Cohesion Policy category",
    "Watch list",
    "Kind of region by distance",
    "City in reach",
    "Size",
    "Administration",
    "Elevation",
    "Type",
    "What makes it fragile",
    "Region shrinks",
    "Position",
    "Services",
    "Rank",
    "Migration to its region",
)
_RATES = {
    "natural_change_per_1000": N_("Births less deaths"),
    "net_migration_per_1000": N_("Coming less leaving"),
}
#: Eurostat's code of the EU of 27, whose line stands beside those of the places.
EU_CODE = "EU27_2020"
_EU = "EU-27"
_PER_1000 = N_("per 1,000 people a year")


@dataclass(frozen=True)
class Cell:
    """One figure of one place.

    Attributes
    ----------
    figure : Figure or None
        That of its sheet; None where its sheet has none.
    difference : float or None
        To the first place, in the figure's unit; None where one of the two is not known.
    mark : str
        ``HIGHEST``, ``LOWEST``, ``BEST`` or ``WORST`` of the places; else empty.
    """

    figure: Figure | None
    difference: float | None = None
    mark: str = ""

    @property
    def number(self) -> float | None:
        """The value, where it is a known number."""
        value = self.figure.value if self.figure else None
        return float(value) if isinstance(value, int | float) else None


@dataclass(frozen=True)
class Row:
    """One figure of all places, one cell a place in their order."""

    figure: Figure
    cells: tuple[Cell, ...]

    @property
    def has_years_apart(self) -> bool:
        """Whether the places' figures are of different years."""
        return _has_years_apart(self.cells)


@dataclass(frozen=True)
class FactRow:
    """One class of all places, one value a place in their order; None where not known."""

    label: str
    values: tuple[Sentence | None, ...]
    meaning: Sentence | None
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Topic:
    """One section of the sheets, with its question, figures and classes."""

    name: str
    title: str
    rows: tuple[Row, ...]
    facts: tuple[FactRow, ...]


@dataclass(frozen=True)
class SideBySide:
    """Two to six places beside each other.

    Attributes
    ----------
    places : tuple of Place
        The first is the one that differences are to.
    topics : tuple of Topic
    series : tuple of Series
        One line a place (a town's is its region): ``index`` (100 in the first year that all
        know), ``population``, ``natural_change_per_1000``, ``net_migration_per_1000``; but for
        ``population`` also one of the EU, where it is known, as the last.
    notes : tuple of Sentence
        What to know before they are compared.
    database : str
        Hash of the database.
    moved : tuple of (str, float)
        Thresholds that its classes follow, where they are not the published ones.
    """

    places: tuple[Place, ...]
    topics: tuple[Topic, ...]
    series: tuple[Series, ...]
    notes: tuple[Sentence, ...]
    database: str
    moved: Moved = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the places, each told from others of the same name by its code."""
        return told_apart([(p.id, p.name) for p in self.places])

    @property
    def line_codes(self) -> dict[str, str]:
        """Code of the region of each line of the series, by its label."""
        return _labels(self.places)

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the sources that anything here can rest on."""
        named = [row.figure.sources for topic in self.topics for row in topic.rows]
        named += [fact.sources for topic in self.topics for fact in topic.facts]
        named += [series.sources for series in self.series]
        return tuple(dict.fromkeys(name for names in named for name in names))


def told_apart(places: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return names of places; with the code where several are called the same.

    Parameters
    ----------
    places : sequence of (str, str)
        Code and name.

    Examples
    --------
    >>> told_apart([("LU", "Luxembourg"), ("LU00", "Luxembourg"), ("FRF", "Grand Est")])
    ('Luxembourg (LU)', 'Luxembourg (LU00)', 'Grand Est')
    """
    names = [name for _, name in places]
    return tuple(f"{name} ({code})" if names.count(name) > 1 else name for code, name in places)


def at_level(codes: Sequence[str], level: int) -> tuple[str, ...]:
    """Return regions with the smaller ones replaced by those of a level that they lie in.

    Examples
    --------
    >>> at_level(("DE733", "DE734", "BG311", "IT"), 2)
    ('DE73', 'BG31', 'IT')
    """
    return tuple(dict.fromkeys(code[: level + 2] for code in codes))


def side_by_side(store: Store, codes: tuple[str, ...], moved: Moved = ()) -> SideBySide:
    """Return places beside each other.

    Parameters
    ----------
    store : Store
        An open database.
    codes : tuple of str
        NUTS codes of 2021 of regions of any level, or GeoNames ids of towns; at most ``MOST``.
    moved : tuple of (str, float)
        Thresholds that differ from the published ones: classes of regions follow them.

    Returns
    -------
    SideBySide

    Raises
    ------
    InputError
        There is no such place.
    ValueError
        There are more than ``MOST``.
    """
    if len(codes) > MOST:
        raise ValueError(f"{len(codes)} places; at most {MOST} are compared")
    sheets = sheets_of(store, codes, moved)
    is_mixed = len({s.place.level for s in sheets}) > 1
    topics = tuple(_topic(section, sheets, is_mixed) for section in _sections(sheets))
    return SideBySide(
        places=tuple(s.place for s in sheets),
        topics=tuple(topic for topic in topics if topic.rows or topic.facts),
        series=_series(store, [s.place for s in sheets]),
        notes=tuple(_notes(sheets)),
        database=store.pointer.hash,
        moved=sheets[0].moved,
    )


def sheets_of(store: Store, codes: Sequence[str], moved: Moved = ()) -> list[PlaceSheet]:
    """Return the sheets that a comparison of places rests on; see :func:`side_by_side`."""
    return [
        store.memo(("figure_sheet", code, moved), partial(figure_sheet, store, code, moved))
        for code in codes
    ]


def _sections(sheets: Sequence[PlaceSheet]) -> list[Section]:
    """Return the sections that any sheet has, in their order."""
    every = {section.name: section for sheet in sheets for section in sheet.sections}
    return list(every.values())


def _topic(like: Section, sheets: Sequence[PlaceSheet], is_mixed: bool) -> Topic:
    parts = [{s.name: s for s in sheet.sections}.get(like.name) for sheet in sheets]
    figures = [{_key(f): f for f in part.figures} if part else {} for part in parts]
    keys = dict.fromkeys(key for known in figures for key in known)
    rows = (_row(like.name, [known.get(key) for known in figures], is_mixed) for key in keys)
    facts = [{f.label: f for f in part.facts} if part else {} for part in parts]
    named = [label for label in _FACTS if any(label in known for known in facts)]
    return Topic(
        like.name,
        like.title,
        tuple(rows),
        tuple(_fact_row([known.get(label) for known in facts]) for label in named),
    )


def _key(figure: Figure) -> tuple[str, str, str]:
    # Services share a column and differ by their label.
    return figure.table, figure.column, figure.label


def _row(section: str, figures: Sequence[Figure | None], is_mixed: bool) -> Row:
    cells = [Cell(figure) for figure in figures]
    base = cells[0].number
    one = next(f for f in figures if f is not None)
    marks = _marks(section, cells)
    # A larger region holds more people, and another year is another state of things.
    if _has_years_apart(cells) or (is_mixed and one.column == "population_end"):
        marks = [""] * len(cells)
    made = tuple(
        Cell(
            cell.figure,
            None if i == 0 or base is None or cell.number is None else cell.number - base,
            marks[i],
        )
        for i, cell in enumerate(cells)
    )
    return Row(one, made)


def _has_years_apart(cells: Sequence[Cell]) -> bool:
    return len({c.figure.years for c in cells if c.figure and c.number is not None}) > 1


def _marks(section: str, cells: Sequence[Cell]) -> list[str]:
    """Return which cells are marked; numbers that are written the same are the same."""
    known = [(c.number, c.figure.written()) for c in cells if c.figure and c.number is not None]
    if len({text for _, text in known}) < FEWEST:
        return [""] * len(cells)
    low, high = min(known), max(known)
    is_less_better = section in _LESS_IS_BETTER
    names = {low[1]: BEST if is_less_better else LOWEST}
    names[high[1]] = WORST if is_less_better else HIGHEST
    return [
        names.get(c.figure.written(), "") if c.figure and c.number is not None else ""
        for c in cells
    ]


def _fact_row(facts: Sequence[Fact | None]) -> FactRow:
    one = next(fact for fact in facts if fact is not None)
    values = tuple(fact.value if fact else None for fact in facts)
    sources = dict.fromkeys(name for fact in facts if fact for name in fact.sources)
    return FactRow(one.label, values, one.meaning, tuple(sources))


def difference_written(figure: Figure, number: float) -> str:
    """Return a difference between two figures of a kind: with its sign, shares in points.

    Parameters
    ----------
    figure : Figure
        One of the two.
    number : float
        The difference, in the unit of the figure.
    """
    pattern = re.sub(r"\{:\+?", "{:+", _(figure.pattern))
    text = re.sub(r"\s?%", " " + _("points"), texts.figure(number, pattern))
    return text if any(c in "123456789" for c in text) else _("no difference")


def _series(store: Store, places: Sequence[Place]) -> tuple[Series, ...]:
    """Return the charts that hold all places: people, index, natural change and migration."""
    regions = _labels(places)
    names = list(regions)
    years = [
        store.memo(("years_of_region", code), partial(sheet_series.years_of, store, code))
        for code in regions.values()
    ]
    people = _lines(names, years, "population")
    union = store.memo(("years_of_eu",), partial(sheet_series.years_of_eu, store))
    is_town = places[0].kind == "town"
    title = N_("People of their regions") if is_town else N_("How many people?")
    sources = sheet_series.sources_of(store, "population")
    made = [
        Series(
            "index",
            title,
            N_("first common year = 100"),
            (*_indexed(people), *_index_of_eu(people, union)),
            sources,
        ),
        Series("population", title, N_("people, 1 January"), people, sources),
    ]
    for column, label in _RATES.items():
        lines = _lines(names, years, column)
        lines += _lines([_EU], [union], column) if lines else ()
        made.append(Series(column, label, _PER_1000, lines, sheet_series.sources_of(store, column)))
    return tuple(one for one in made if one.lines)


def _labels(places: Sequence[Place]) -> dict[str, str]:
    """Return the code of each region that a place is or lies in, by the label of its line."""
    regions = {
        p.region: p.name if p.kind == "region" else p.within[-1][1] for p in places if p.region
    }
    return dict(zip(told_apart(list(regions.items())), regions, strict=True))


def _lines(names: Sequence[str], years: Sequence[pd.DataFrame], column: str) -> tuple[Line, ...]:
    """Return a line a place that has values."""
    lines = []
    for name, table in zip(names, years, strict=True):
        if not table.empty and (own := sheet_series.lines_of(table, {column: name})):
            lines.append(own[0])
    return tuple(lines)


def _indexed(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return lines from the first year that all know on, 100 there; none without such a year."""
    years = [{p.year for p in line.points} for line in lines]
    common = years[0].intersection(*years[1:]) if years else set()
    if not common:
        return ()
    first = min(common)
    made = []
    for line in lines:
        base = next(p.value for p in line.points if p.year == first)
        points = tuple(
            Point(p.year, p.years, 100 * p.value / base, p.is_break)
            for p in line.points
            if p.year >= first
        )
        made.append(Line(line.label, points))
    return tuple(made)


def _index_of_eu(lines: Sequence[Line], union: pd.DataFrame) -> tuple[Line, ...]:
    """Return the EU's people from the first year of the places on; named with a later one."""
    first = min((p.year for line in _indexed(lines) for p in line.points), default=None)
    known = _lines([_EU], [union], "population") if first is not None else ()
    points = [p for line in known for p in line.points if p.year >= (first or 0)]
    if len(points) < 2:
        return ()
    start = points[0].year
    label = _EU if start == first else f"{_EU} ({start} = 100)"
    base = points[0].value
    shown = (Point(p.year, p.years, 100 * p.value / base, p.is_break) for p in points)
    return (Line(label, tuple(shown)),)


def _notes(sheets: Sequence[PlaceSheet]) -> list[Sentence]:
    """Return what to know: mixed levels, kinds of towns, years apart."""
    levels = sorted({s.place.level for s in sheets if s.place.level is not None})
    told = []
    if len(levels) > 1:
        told.append(
            sentence(
                N_(
                    "Regions of different levels stand side by side ({levels}): rates and minutes "
                    "compare, numbers of people do not, and a larger region evens out what differs "
                    "within it."
                ),
                levels=", ".join(f"NUTS {level}" for level in levels),
            )
        )
    if levels and levels[0] < 2:
        told.append(
            sentence(N_("Larger regions have no Cohesion Policy category: it is set for NUTS 2."))
        )
    if levels and levels[0] < 3:
        told.append(sentence(N_("Official types exist for the smallest regions (NUTS 3) only.")))
    return told

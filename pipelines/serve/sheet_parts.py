"""What a sheet is made of: plain values that a page, a printer and an address can all show.

Texts are keys of the catalogue (:mod:`pipelines.serve.texts`): who shows a sheet words them, in
the language in use, by :meth:`Sentence.worded` and ``_``. Names of places and what documents say
are shown as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.serve import texts
from pipelines.serve.texts import N_, _, unsigned_zero, written

if TYPE_CHECKING:
    import pandas as pd

#: Shares of the peers below each value of ``Distribution.quantiles``.
QUANTILES = (0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1.0)
#: Whom a place is compared with: its country's, the EU's, and places of its own type.
GROUPS = ("country", "EU", "type")
NO_DATA = N_("no data")
Value = float | str | None


class Word(str):
    """A text of the catalogue that stands in a sentence or for a value."""

    __slots__ = ()

    def worded(self) -> str:
        """Return the text in the language in use."""
        return _(self)


class Words(Word):
    """Several texts of the catalogue, parted by commas."""

    __slots__ = ()

    def worded(self) -> str:
        """Return the texts in the language in use."""
        return ", ".join(map(_, self.split(", ")))


@dataclass(frozen=True)
class Sentence:
    """A text of the catalogue with its values.

    Attributes
    ----------
    text : str
        Its English form, placeholders in braces.
    values : tuple of (str, str)
        Placeholder and what stands there; a :class:`Word` is looked up in the catalogue.
    """

    text: str
    values: tuple[tuple[str, str], ...] = ()

    def worded(self, escape: Callable[[str], str] = str) -> str:
        """Return the sentence in the language in use.

        Parameters
        ----------
        escape : callable
            What makes a value safe where it is shown, for instance in Markdown.
        """
        # Numbers are worded before they are escaped: an escaped sign is no number any more.
        words = {n: v.worded() if isinstance(v, Word) else written(v) for n, v in self.values}
        return str.format(_(self.text), **{n: escape(word) for n, word in words.items()})


def plain_number(value: float, pattern: str = "{:,.0f}") -> str:
    """Return a number as a sentence holds it: in English, until who shows the sentence words it."""
    shown = unsigned_zero(pattern.format(value))
    # Python writes 17%, our sentences 17 %.
    return shown.replace("%", "\N{NO-BREAK SPACE}%") if pattern.endswith("%}") else shown


def sentence(text: str, **values: object) -> Sentence:
    """Return a sentence; what is no text already becomes one."""
    given = {
        name: v if isinstance(v, Word) else unsigned_zero(str(v)) for name, v in values.items()
    }
    return Sentence(text, tuple(given.items()))


@dataclass(frozen=True)
class Distribution:
    """How a figure is spread over one group of peers, and where the place stands.

    Attributes
    ----------
    group : {"country", "EU", "type"}
        Whose peers these are.
    label : Sentence
        The group in words.
    count : int
        Members with a figure; the place is one of them where ``is_member``.
    quantiles : tuple of float
        Values at ``QUANTILES`` of the members, unweighted, in the figure's unit.
    rank : int or None
        1 is the highest value; None where the place is no member or has no figure.
    tied : int
        Other members with the very value of the place.
    is_member : bool
        Whether the place belongs to the group.
    value : float or None
        Figure of the group as a whole (a country's own, the EU's sum), where it is known.
    """

    group: str
    label: Sentence
    count: int
    quantiles: tuple[float, ...]
    rank: int | None
    tied: int
    is_member: bool
    value: float | None = None

    @property
    def median(self) -> float:
        """The value that half of the members lie below."""
        return self.quantiles[QUANTILES.index(0.5)]


@dataclass(frozen=True)
class Figure:
    """One figure of a place.

    Attributes
    ----------
    table, column : str
        Column of the mart that it comes from.
    label : str
        In a planner's words.
    value : float, str or None
        A number in ``unit``, a class (a text of the catalogue), or None: not known.
    unit : str
        Unit of the number; empty for classes. A share is a number from 0 to 1.
    years : str
        Year or span of years, as in ``2011-2021``; empty where it has none.
    pattern : str
        Python format of the number.
    meaning : Sentence
        What it means.
    beside : tuple of Distribution
        The place among its peers: of its country, of the EU, of its own type.
    sources : tuple of str
        Names of the sources that the column can rest on.
    flags : tuple of Sentence
        What to know before it is used: breaks, estimates, gaps.
    """

    table: str
    column: str
    label: str
    value: Value
    unit: str
    years: str
    pattern: str
    meaning: Sentence
    beside: tuple[Distribution, ...] = ()
    sources: tuple[str, ...] = ()
    flags: tuple[Sentence, ...] = ()

    def written(self, number: float | None = None) -> str:
        """Return the figure, or another number of its kind, with its unit; missing is no data."""
        value = self.value if number is None else number
        if value is None:
            return _(NO_DATA)
        if isinstance(value, str):
            return _(value)
        return texts.figure(value, _(self.pattern))


@dataclass(frozen=True)
class Fact:
    """A label and what holds, where there is no number to compare.

    Attributes
    ----------
    label : str
        In a planner's words.
    value : Sentence
        What holds.
    meaning : Sentence or None
        What it means; None where it needs no explanation.
    sources : tuple of str
        Names of sources.
    """

    label: str
    value: Sentence
    meaning: Sentence | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Point:
    """One value of a line.

    Attributes
    ----------
    year : int
        1 January, or the first year of a period.
    years : int
        Length of the period; 0 for a state on 1 January.
    value : float
        In the unit of the series.
    is_break : bool
        Whether the series is counted in another way from the end of this point on.
    """

    year: int
    years: int
    value: float
    is_break: bool


@dataclass(frozen=True)
class Line:
    """One line or one part of the bars of a chart: a label and its points by year."""

    label: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Series:
    """Figures over the years.

    Attributes
    ----------
    name : {"population", "components", "index", "ages"}
        What it shows; components and ages are parts that are stacked.
    title, unit : str
        In a planner's words.
    lines : tuple of Line
    sources : tuple of str
        Names of sources.
    """

    name: str
    title: str
    unit: str
    lines: tuple[Line, ...]
    sources: tuple[str, ...]

    @property
    def breaks(self) -> tuple[str, ...]:
        """Years, or spans of years, across which the series does not compare."""
        spans = {(p.year, p.years) for line in self.lines for p in line.points if p.is_break}
        return tuple(
            str(year + years) if years <= 1 else f"{year}-{year + years}"
            for year, years in sorted(spans)
        )


@dataclass(frozen=True)
class Entry:
    """A place, case study or practice that a section names.

    Attributes
    ----------
    kind : {"region", "town", "case study", "meeting", "practice"}
        What it is.
    id : str
        NUTS code, GeoNames id or id of the catalogue.
    name : str
        As it is called.
    note : Sentence
        Why it stands here.
    detail : str
        What a document says of it; empty where nothing.
    """

    kind: str
    id: str
    name: str
    note: Sentence
    detail: str = ""

    def told(self) -> str:
        """Return the detail, marked as English where the language in use is another."""
        return texts.in_english(self.detail)


@dataclass(frozen=True)
class Section:
    """One topic of a sheet.

    Attributes
    ----------
    name : str
        Its key: ``who``, ``trend``, ``age``, ``remoteness``, ``services``, ``meeting``, ``towns``,
        ``type``, ``like``, ``tried`` or ``fits``.
    title : str
        The question that it answers.
    sentences : tuple of Sentence
        The answer in words.
    figures, facts, series, entries
        What it rests on.
    notes : tuple of Sentence
        Limits, below the figures.
    notice : str
        Credit that must stand with what is shown here (ODbL), as it is.
    """

    name: str
    title: str
    sentences: tuple[Sentence, ...] = ()
    figures: tuple[Figure, ...] = ()
    facts: tuple[Fact, ...] = ()
    series: tuple[Series, ...] = ()
    entries: tuple[Entry, ...] = ()
    notes: tuple[Sentence, ...] = ()
    notice: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the sources that anything of this section can rest on."""
        parts: tuple[Figure | Fact | Series, ...] = (*self.figures, *self.facts, *self.series)
        return tuple(dict.fromkeys(name for part in parts for name in part.sources))


@dataclass(frozen=True)
class Place:
    """Who a sheet is about.

    Attributes
    ----------
    kind : {"region", "town"}
    id : str
        NUTS code of 2021, or GeoNames id.
    name, name_local : str
        English or Latin name; own name, empty where it is the same.
    level : int or None
        NUTS level of a region.
    country, country_name : str
        Eurostat's code; name.
    within : tuple of (str, str)
        Code and name of the regions that it lies in, the largest first.
    lon, lat : float or None
        Of a town, EPSG:4326.
    """

    kind: str
    id: str
    name: str
    name_local: str
    level: int | None
    country: str
    country_name: str
    within: tuple[tuple[str, str], ...]
    lon: float | None = None
    lat: float | None = None

    @property
    def region(self) -> str:
        """Code of the region that it is or lies in; empty for a town outside all of them."""
        return self.id if self.kind == "region" else (self.within[-1][0] if self.within else "")


@dataclass(frozen=True)
class PlaceSheet:
    """All that is known of one place.

    Attributes
    ----------
    place : Place
    headline : tuple of Sentence
        The place in two or three sentences.
    sections : tuple of Section
    database : str
        Hash of the database that it was made from.
    moved : tuple of (str, float)
        Thresholds that its classes follow, where they are not the published ones.
    """

    place: Place
    headline: tuple[Sentence, ...]
    sections: tuple[Section, ...]
    database: str
    moved: tuple[tuple[str, float], ...] = ()

    def __repr__(self) -> str:
        """Tell the place and where its figures are; all of it would fill pages."""
        count = sum(1 for _ in self.figures())
        return (
            f"<PlaceSheet {self.place.id} {self.place.name}: {count} figures in "
            f"{len(self.sections)} sections; .table() gives them as a DataFrame>"
        )

    def section(self, name: str) -> Section:
        """Return a section by its key.

        Raises
        ------
        KeyError
            The sheet has no such section.
        """
        return {section.name: section for section in self.sections}[name]

    def figures(self) -> Iterator[tuple[Section, Figure]]:
        """Give each figure with its section, in the order of the sheet."""
        for section in self.sections:
            for figure in section.figures:
                yield section, figure

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the sources that the sheet can rest on."""
        return tuple(dict.fromkeys(name for s in self.sections for name in s.sources))

    def table(self) -> pd.DataFrame:
        """Return the figures as a table.

        Returns
        -------
        DataFrame
            One row a figure: ``section``, ``table``, ``column``, ``figure`` (its label), ``value``,
            ``unit``, ``years``; for each group (``country``, ``eu``, ``type``) its ``_value``,
            ``_median``, ``_rank`` (1 is the highest) and ``_count``; ``notes`` and ``sources``.
        """
        import pandas as pd

        rows = [_row(section, figure) for section, figure in self.figures()]
        counts = {f"{g.lower()}_{what}": "Int64" for g in GROUPS for what in ("rank", "count")}
        return pd.DataFrame(rows).astype(counts)


def _row(section: Section, figure: Figure) -> dict[str, Any]:
    row: dict[str, Any] = {
        "section": section.name,
        "table": figure.table,
        "column": figure.column,
        "figure": _(figure.label),
        "value": figure.value,
        "unit": _(figure.unit),
        "years": figure.years,
    }
    beside = {part.group: part for part in figure.beside}
    for group in GROUPS:
        part, name = beside.get(group), group.lower()
        row[f"{name}_value"] = part.value if part else None
        row[f"{name}_median"] = part.median if part else None
        row[f"{name}_rank"] = part.rank if part else None
        row[f"{name}_count"] = part.count if part else None
    row["notes"] = " ".join(flag.worded() for flag in figure.flags)
    row["sources"] = ", ".join(figure.sources)
    return row

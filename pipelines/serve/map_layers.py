"""The typologies as layers of a map in a file: classes, colours, and which rows are in which.

One layer is one typology of one mart. Its classes come from the palettes that colour the pages;
styles for a geographic information system are written from it (:mod:`pipelines.serve.styles`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.serve import dictionary, palettes, sheet_words
from pipelines.serve.crossing_filter import CLASSES, TRENDS
from pipelines.serve.store import Store

#: ``=`` and ``>`` compare with a value, ``known`` and ``missing`` with nothing.
Operator = Literal["=", ">", "known", "missing"]
NO_DATA_LABEL = "no data"


@dataclass(frozen=True)
class Condition:
    """One comparison of a column."""

    column: str
    operator: Operator
    value: str | int = ""

    def sql(self) -> str:
        """Return the comparison; SQLite and the expressions of QGIS read it alike."""
        name = f'"{self.column}"'
        if self.operator in ("known", "missing"):
            return f"{name} IS NOT NULL" if self.operator == "known" else f"{name} IS NULL"
        value = self.value
        text = str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
        return f"{name} {self.operator} {text}"


@dataclass(frozen=True)
class MapClass:
    """One class of a typology.

    Attributes
    ----------
    value : str
        What the palette calls it.
    label : str
        What a legend says.
    colour : str
        Hexadecimal.
    tests : tuple of Condition
        Those that all hold for the rows of the class, and for no others.
    is_drawn : bool
        Whether a map shows it unless a reader switches it on.
    """

    value: str
    label: str
    colour: str
    tests: tuple[Condition, ...]
    is_drawn: bool = True


@dataclass(frozen=True)
class MapLayer:
    """One typology of one mart.

    Attributes
    ----------
    table, key : str
        Mart, and name of the typology among its own.
    title : str
        The dictionary's label.
    classes : tuple of MapClass
        In the legend's order.
    sources : tuple of str
        Names of the sources that it rests on, outlines included.
    rows : str
        Which rows a map shows, as an SQL condition; empty for all.
    order : tuple of (str, bool)
        Columns that rows are drawn in the order of, and whether they rise: where several levels
        or vintages lie over each other, the finest of the pages' vintage lies on top.
    """

    table: str
    key: str
    title: str
    classes: tuple[MapClass, ...]
    sources: tuple[str, ...]
    rows: str
    order: tuple[tuple[str, bool], ...]

    @property
    def is_points(self) -> bool:
        """Whether its rows are settlements."""
        return self.table == "towns"

    @property
    def columns(self) -> set[str]:
        """Columns that the classes and the order read."""
        tested = {test.column for item in self.classes for test in item.tests}
        return tested | {name for name, _ in self.order}

    def attribute(self) -> str:
        """Return the column that tells the classes apart, or the expression that names them."""
        if column := self.single_column():
            return column
        cases = (
            f"WHEN {' AND '.join(test.sql() for test in item.tests)} "
            f"THEN '{item.value.replace(chr(39), 2 * chr(39))}'"
            for item in self.classes
        )
        # Empty, not NULL: QGIS counts the rows of an empty category, not those of none.
        return f"CASE {' '.join(cases)} ELSE '' END"

    def single_column(self) -> str:
        """Return the one column whose value names the class; empty where it takes more."""
        tests = [test for item in self.classes for test in item.tests]
        is_single = len(tests) == len(self.classes) and {t.operator for t in tests} == {"="}
        names = {test.column for test in tests}
        return names.pop() if is_single and len(names) == 1 else ""


_REGIONS = ("regions", "region_demography", "region_crossing")
#: How rows that lie over each other are drawn.
_ORDER: Mapping[str, tuple[tuple[str, bool], ...]] = {
    "regions": (("level", True),),
    "region_demography": (("nuts_version", False), ("level", True)),
    "region_crossing": (("level", True),),
    "towns": (("population", False),),
}
#: Settlements that the page on small towns gives a role.
_SMALL = "\"size_class\" IN ('small_town', 'medium_town')"
_CROSSED = {"desert": "desert_class", "remote": "remote_class"}
_CROSSED_TITLES = {
    "desert": "Trend crossed with service deserts",
    "remote": "Trend crossed with remoteness",
}


def layers(store: Store) -> tuple[MapLayer, ...]:
    """Return every typology of the marts that have outlines or points."""
    return store.memo("map layers", lambda: tuple(_layers(store)))


def layers_of(store: Store, table: str, data: pa.Table) -> tuple[MapLayer, ...]:
    """Return the typologies of a mart that rows of it can show.

    Where rows of several levels or vintages lie over each other, a map shows those of the finest
    level and of the first vintage.
    """
    columns = set(data.schema.names)
    rows = []
    for name, pick in (("nuts_version", pc.min), ("level", pc.max)):
        if table in _REGIONS and name in columns and data.num_rows:
            rows.append(f'"{name}" = {pick(data[name]).as_py()}')
    known = (x for x in layers(store) if x.table == table and x.columns <= columns)
    return tuple(replace(x, rows=x.rows or " AND ".join(rows)) for x in known)


def _layers(store: Store) -> list[MapLayer]:
    made = [
        _layer(store, table, column, palette)
        for (table, column), palette in (
            *palettes.TYPOLOGIES.items(),
            (("regions", "metropolitan"), palettes.METROPOLITAN),
        )
    ]
    made += [_crossing(store, by) for by in _CROSSED]
    towns = {
        "size_class": palettes.TOWN_SIZE,
        "role": palettes.TOWN_ROLE,
        "remoteness": palettes.TOWN_REMOTENESS,
    }
    return made + [_layer(store, "towns", column, palette) for column, palette in towns.items()]


def _layer(store: Store, table: str, column: str, palette: Mapping[str, str]) -> MapLayer:
    behind = palettes.BEHIND.get(column, column)
    rows = _SMALL if (table, column) == ("towns", "role") else ""
    classes = (
        MapClass(
            value,
            _label(column, value),
            colour,
            _tests(column, value),
            is_drawn=(column, value) not in {("size_class", "village"), ("size_class", "part")},
        )
        for value, colour in palette.items()
    )
    return MapLayer(
        table=table,
        key=column,
        title=dictionary.field(store, table, behind).label,
        classes=tuple(classes),
        sources=_sources(store, table, behind),
        rows=rows,
        order=_ORDER[table],
    )


def _tests(column: str, value: str) -> tuple[Condition, ...]:
    """Return what holds for the rows of a class; as the map of the pages has them."""
    if column == "cause_class" and value in palettes.NOT_SHRINKING:
        return (Condition("cause", "missing"), Condition("shrinking_class", "=", value))
    if column == "shape_class" and value in palettes.NOT_SHRINKING:
        return (Condition("shape", "missing"), Condition("duration_class", "known"))
    if column == "watch_class":
        return (Condition("watch_known", ">", 0), Condition("watch_count", "=", int(value)))
    return (Condition(palettes.BEHIND.get(column, column), "=", value),)


def _label(column: str, value: str) -> str:
    words = {"webb_type": palettes.WEBB_WORDS, "size_class": sheet_words.SIZES}
    return words.get(column, {}).get(value, value)


def _crossing(store: Store, by: str) -> MapLayer:
    column = _CROSSED[by]
    classes = (
        MapClass(
            f"{trend}|{step}",
            f"{trend}; {step}",
            colour,
            (Condition("trend", "=", trend), Condition(column, "=", step)),
        )
        for trend in TRENDS
        for step, colour in zip(CLASSES[by], palettes.CROSSING[trend], strict=True)
    )
    table = "region_crossing"
    sources = dict.fromkeys((*_sources(store, table, "trend"), *_sources(store, table, column)))
    return MapLayer(
        table=table,
        key=f"crossing_{by}",
        title=_CROSSED_TITLES[by],
        classes=tuple(classes),
        sources=tuple(sources),
        rows="",
        order=_ORDER[table],
    )


def _sources(store: Store, table: str, column: str) -> tuple[str, ...]:
    """Return the sources of a column and of where its rows lie."""
    known = dictionary.fields(store)
    place = known.get((table, "geometry")) or known[table, "lon"]
    return tuple(dict.fromkeys((*known[table, column].sources, *place.sources)))

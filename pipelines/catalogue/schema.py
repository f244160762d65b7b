"""Reads ``schema.toml``: the tables, columns and closed lists of the catalogue."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.core.errors import SourceMissing, SourceUnreadable

FILE = "schema.toml"
TYPES = frozenset(
    [
        "id",
        "text",
        "integer",
        "number",
        "boolean",
        "list",
        "year",
        "url",
        "country",
        "nuts3",
        "longitude",
        "latitude",
        "geonameid",
    ]
)

_COLUMN_KEYS = frozenset(
    "type description required list references required_when published_as also_from".split()
)


@dataclass(frozen=True)
class Column:
    """A column: its type, and what may stand in it."""

    name: str
    type: str
    description: str
    required: bool = False
    closed_list: str | None = None
    references: str | None = None
    required_when: dict[str, list[str]] = field(default_factory=dict)
    published_as: str = ""
    also_from: tuple[str, ...] = ()  # sources besides the documents

    @property
    def mart_name(self) -> str:
        """The column's name in the mart, where it is another one because SQL needs it."""
        return self.published_as or self.name


@dataclass(frozen=True)
class Mart:
    """The published table that is made of a table of the catalogue."""

    name: str
    grain: str
    order_by: tuple[str, ...]


@dataclass(frozen=True)
class Lookup:
    """What a mart shows beside a column: columns of another table, found by its key."""

    column: str
    table: str
    key: str
    brings: dict[str, str]  # name in the mart -> name in the table
    tables: tuple[str, ...] = ()  # tables that it serves; empty: all that have the column

    def serves(self, table: Table) -> bool:
        """Whether a table shows what this lookup brings."""
        return self.column in table.columns and (not self.tables or table.name in self.tables)


@dataclass(frozen=True)
class Table:
    """A table: its file, key and columns in the order of the file."""

    name: str
    file: str | None
    title: str
    description: str
    primary_key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...]
    columns: dict[str, Column]
    mart: Mart | None = None


@dataclass(frozen=True)
class ClosedList:
    """A closed list: its values, each with its meaning."""

    name: str
    title: str
    values: dict[str, str]


@dataclass(frozen=True)
class Schema:
    """The whole schema."""

    tables: dict[str, Table]
    lists: dict[str, ClosedList]
    lookups: tuple[Lookup, ...] = ()

    def allowed(self, column: Column) -> list[str] | None:
        """Return the values that a column may hold, or None where it is free."""
        return list(self.lists[column.closed_list].values) if column.closed_list else None


def read_schema(folder: Path) -> Schema:
    """Read and verify ``schema.toml``.

    Parameters
    ----------
    folder : Path
        Folder of the catalogue.

    Raises
    ------
    SourceMissing
        There is no such file.
    SourceUnreadable
        It is no TOML, or it names a type, list, table or column that does not exist.
    """
    path = folder / FILE
    if not path.is_file():
        raise SourceMissing(f"{path}: the catalogue's schema is not there")
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        groups = {name: group["columns"] for name, group in raw.get("groups", {}).items()}
        lists = {
            name: ClosedList(name, entry["title"], dict(entry["values"]))
            for name, entry in raw["lists"].items()
        }
        tables = {name: _table(name, entry, groups) for name, entry in raw["tables"].items()}
        lookups = tuple(
            Lookup(
                column,
                entry["from"],
                entry["key"],
                dict(entry["brings"]),
                tuple(entry.get("tables", ())),
            )
            for column, entry in raw.get("lookups", {}).items()
        )
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise SourceUnreadable(f"{path}: not a catalogue schema ({error})") from error
    schema = Schema(tables, lists, lookups)
    faults = list(_faults(schema))
    if faults:
        raise SourceUnreadable("\n".join(f"{path}: {fault}" for fault in faults))
    return schema


def _table(name: str, entry: dict[str, Any], groups: dict[str, dict[str, Any]]) -> Table:
    """Build a table; shared columns follow its own, which win where both name one."""
    columns = dict(entry["columns"])
    for group in entry.get("groups", []):
        columns |= {key: value for key, value in groups[group].items() if key not in columns}
    return Table(
        name=name,
        file=entry.get("file"),
        title=entry["title"],
        description=entry["description"],
        primary_key=tuple(entry["primary_key"]),
        unique=tuple(tuple(names) for names in entry.get("unique", [])),
        columns={key: _column(key, value) for key, value in columns.items()},
        mart=_mart(name, entry),
    )


def _mart(name: str, entry: dict[str, Any]) -> Mart | None:
    """Build what is said of a table's mart; without it the table is not published."""
    facts = entry.get("mart")
    if facts is None:
        return None
    if unknown := set(facts) - {"name", "grain", "order_by"}:
        raise KeyError(f"mart of table {name} has unknown keys {sorted(unknown)}")
    order = facts.get("order_by", entry["primary_key"])
    return Mart(facts.get("name", name), facts["grain"], tuple(order))


def _column(name: str, entry: dict[str, Any]) -> Column:
    """Build a column; a key that is not known is an error, not a silent no-op."""
    known = {
        "type",
        "description",
        "required",
        "list",
        "references",
        "required_when",
        "published_as",
        "also_from",
    }
    if unknown := set(entry) - known:
        raise KeyError(f"column {name} has unknown keys {sorted(unknown)}")
    return Column(
        name=name,
        type=entry["type"],
        description=entry["description"],
        required=entry.get("required", False),
        closed_list=entry.get("list"),
        references=entry.get("references"),
        required_when=entry.get("required_when", {}),
        published_as=entry.get("published_as", ""),
        also_from=tuple(entry.get("also_from", ())),
    )


def _faults(schema: Schema) -> Iterator[str]:
    """Yield what the schema says that cannot be: unknown types, lists, tables, columns."""
    for table in schema.tables.values():
        order = table.mart.order_by if table.mart else ()
        for key in (table.primary_key, *table.unique, order):
            if missing := set(key) - set(table.columns):
                yield f"table {table.name}: key or order names unknown columns {sorted(missing)}"
        for column in table.columns.values():
            where = f"table {table.name}, column {column.name}"
            if column.type not in TYPES:
                yield f"{where}: unknown type {column.type!r}; allowed: {sorted(TYPES)}"
            if column.closed_list and column.closed_list not in schema.lists:
                yield f"{where}: unknown list {column.closed_list!r}"
            if column.references:
                target, _, target_column = column.references.partition(".")
                if (
                    target not in schema.tables
                    or target_column not in schema.tables[target].columns
                ):
                    yield f"{where}: unknown reference {column.references!r}"
            for other, values in column.required_when.items():
                yield from _condition_faults(schema, table, where, other, values)


def _condition_faults(
    schema: Schema, table: Table, where: str, other: str, values: list[str]
) -> Iterator[str]:
    """Yield the faults of one ``required_when``."""
    if other not in table.columns:
        yield f"{where}: required_when names unknown column {other!r}"
        return
    allowed = schema.allowed(table.columns[other])
    if allowed is not None and (unknown := set(values) - set(allowed)):
        yield f"{where}: required_when names unknown values {sorted(unknown)}"

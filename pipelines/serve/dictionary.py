"""The data dictionary by column: label, unit, classes and sources stand there and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.serve.store import Store


@dataclass(frozen=True)
class Field:
    """What the dictionary says of one column of a mart.

    Attributes
    ----------
    table, column : str
        Mart and column.
    label, unit : str
        Short name; unit of the values, empty where there is none.
    definition : str
        What the column means.
    sources : tuple of str
        Names of all sources that the column can rest on.
    allowed : tuple of str
        Closed list of values, empty where there is none.
    """

    table: str
    column: str
    label: str
    unit: str
    definition: str
    sources: tuple[str, ...]
    allowed: tuple[str, ...]


def fields(store: Store) -> dict[tuple[str, str], Field]:
    """Return every column of every mart by mart and name, read once a database."""
    return store.memo("dictionary", lambda: _read(store))


def field(store: Store, table: str, column: str) -> Field:
    """Return one column of a mart.

    Raises
    ------
    KeyError
        No mart of this name has such a column.
    """
    return fields(store)[table, column]


def _read(store: Store) -> dict[tuple[str, str], Field]:
    rows = store.arrow(
        "select table_name, column_name, label, unit, definition, sources, allowed "
        "from marts.indicators order by table_name, position"
    ).to_pylist()
    return {
        (row["table_name"], row["column_name"]): Field(
            table=row["table_name"],
            column=row["column_name"],
            label=row["label"] or row["column_name"],
            unit=row["unit"] or "",
            definition=row["definition"],
            sources=tuple(filter(None, (row["sources"] or "").split(", "))),
            allowed=tuple(filter(None, (row["allowed"] or "").split("|"))),
        )
        for row in rows
    }

"""What the data dictionary says of a table's columns."""

from __future__ import annotations

import difflib
import textwrap
from dataclasses import dataclass

from pipelines.core.errors import UnknownTable
from pipelines.serve.store import Store


@dataclass(frozen=True)
class Column:
    """One column of a mart as the data dictionary has it; all texts, empty where none.

    Attributes
    ----------
    column_name, label, unit, data_type, definition : str
    sources : str
        Names of sources, separated by commas.
    licence : str
        Licences of those sources, separated by semicolons.
    allowed : str
        The closed list of values, separated by ``|``.
    vintage : str
        NUTS vintage or edition of each source that states one: ``name vintage; ...``.
    """

    column_name: str
    label: str
    unit: str
    data_type: str
    definition: str
    sources: str
    licence: str
    allowed: str
    vintage: str = ""

    def lines(self, width: int) -> list[str]:
        """Return the column as text wrapped to a width in columns."""
        head = ", ".join(part for part in (self.data_type, self.unit, self.label) if part)
        facts = [self.definition]
        facts += [f"Allowed: {self.allowed.replace('|', ', ')}."] if self.allowed else []
        facts += [f"Sources: {self.sources}."] if self.sources else []
        facts += [f"Vintage: {self.vintage}."] if self.vintage else []
        indent = " " * 4
        wrapped = (
            textwrap.wrap(fact, width, initial_indent=indent, subsequent_indent=indent)
            for fact in facts
        )
        return [f"{self.column_name}  {head}", *(line for block in wrapped for line in block)]


def columns(store: Store, table: str) -> list[Column]:
    """Return a mart's columns in order.

    Parameters
    ----------
    store : Store
    table : str
        With or without ``marts.``.

    Raises
    ------
    UnknownTable
        No such mart; names those that are spelt alike, or all.
    """
    name = table.removeprefix("marts.")
    known = store.arrow("select distinct table_name from marts.indicators order by 1")
    names = known["table_name"].to_pylist()
    if name not in names:
        near = difflib.get_close_matches(name, names, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"allowed are {', '.join(names)}"
        raise UnknownTable(f"there is no table '{table}'; {hint}")
    rows = store.arrow(
        "select column_name, label, unit, data_type, definition, sources, licence, allowed "
        "from marts.indicators where table_name = ? order by position",
        [name],
    )
    texts = [{c: value or "" for c, value in row.items()} for row in rows.to_pylist()]
    return [Column(**row, vintage=vintage(store, row["sources"])) for row in texts]


def vintage(store: Store, sources: str) -> str:
    """Return the NUTS vintage or edition of sources, by their names with commas between."""
    known: dict[str, str] = store.memo(
        "vintages",
        lambda: {
            row["name"]: row["vintage"]
            for row in store.rows("select name, vintage from marts.sources where vintage != ''")
        },
    )
    return "; ".join(f"{name} {known[name]}" for name in sources.split(", ") if name in known)


def lines(described: list[Column], width: int) -> list[str]:
    """Return columns as text wrapped to a width in columns."""
    return [line for column in described for line in column.lines(width)]

"""What makes a number: the statement of its table, and what its column is made of."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.serve.store import Store


@dataclass(frozen=True)
class Statement:
    """How a table is made.

    Attributes
    ----------
    table : str
        With its schema, as in ``marts.regions``.
    made_by : str
        File, or function of Python.
    description, grain : str
    sql : str or None
        The SELECT; None where Python makes the table.
    reads : tuple of str
        Tables that it is made from.
    """

    table: str
    made_by: str
    description: str
    grain: str
    sql: str | None
    reads: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """A column on the way from a number to the publishers' files, and how far from it."""

    depth: int
    table: str
    column: str


def statements(store: Store) -> dict[str, Statement]:
    """Return the statement of every table by its name with schema, read once a database."""

    def read() -> dict[str, Statement]:
        rows = store.rows("select * from marts.models")
        return {
            row["table_name"]: Statement(
                row["table_name"],
                row["made_by"],
                row["description"],
                row["grain"],
                row["statement"],
                tuple(row["reads"]),
            )
            for row in rows
        }

    return store.memo("statements", read)


def steps(store: Store, table: str, column: str) -> list[Step]:
    """Return the columns that one column is made of, the nearest first, up to raw files and seeds.

    Parameters
    ----------
    store : Store
    table, column : str
        Table with its schema.
    """
    edges = store.memo("lineage", lambda: _edges(store))
    depths = {(table, column): 0}
    waiting = [(table, column)]
    for node in waiting:
        for origin in edges.get(node, []):
            if origin not in depths:
                depths[origin] = depths[node] + 1
                waiting.append(origin)
    return [Step(depth, *node) for node, depth in depths.items() if depth]


def _edges(store: Store) -> dict[tuple[str, str], list[tuple[str, str]]]:
    edges: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in store.rows("select * from marts.lineage order by all"):
        origin = (row["from_table"], row["from_column"])
        edges.setdefault((row["table_name"], row["column_name"]), []).append(origin)
    return edges

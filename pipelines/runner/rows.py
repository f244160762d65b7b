"""The row of a statement that always has one."""

from __future__ import annotations

from typing import Any

import duckdb


def one_row(cursor: duckdb.DuckDBPyConnection) -> tuple[Any, ...]:
    """Return the first row of what was run.

    Parameters
    ----------
    cursor : duckdb.DuckDBPyConnection
        Of a statement that gives a row whatever the tables hold, such as a count.

    Raises
    ------
    LookupError
        It gave none: the statement is not of that kind.
    """
    row = cursor.fetchone()
    if row is None:
        raise LookupError("the statement gave no row; one is expected")
    first: tuple[Any, ...] = row
    return first

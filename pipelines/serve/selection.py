"""Rows and columns of a mart, chosen by name; each name and value is checked first."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, cast

import numpy as np
import pyarrow as pa

from pipelines.core import countries
from pipelines.core.errors import InputError, UnknownTable
from pipelines.serve.export import mart_names
from pipelines.serve.store import Store

#: One value, or several of which one must hold.
Choice = str | int | float | Sequence[str] | Sequence[int] | Sequence[float]
#: Least and largest value, both inclusive; None leaves a side open.
Range = tuple[float | None, float | None]

# A column with more values than that is an identifier: its values are not listed in a message.
_MOST_LISTED = 60

#: Python's type of the values of a column; the others hold numbers.
_TYPES: dict[str, type] = {"VARCHAR": str, "BOOLEAN": bool}


def select_rows(
    store: Store,
    table: str,
    equal: Mapping[str, Choice | None] | None = None,
    between: Mapping[str, Range | None] | None = None,
    columns: Sequence[str] | None = None,
) -> pa.Table:
    """Return rows of a mart in the mart's order.

    Parameters
    ----------
    store : Store
    table : str
        Name of a mart.
    equal : mapping of str to value or values, optional
        Column to what it must be; None does not restrict.
    between : mapping of str to (float or None, float or None), optional
        Column to an inclusive range; a row without the value is left out.
    columns : sequence of str, optional
        What to return, in that order; all by default.

    Raises
    ------
    UnknownTable
        No such mart.
    InputError
        No such column, or a value that does not occur; the message says what is allowed.
    """
    head = _head(store, table)
    types = {row["column_name"]: row["data_type"] for row in head}
    for name in [*(equal or {}), *(between or {}), *(columns or ())]:
        _require(table, name, types)
    terms: list[str] = []
    values: dict[str, Any] = {}
    for column, choice in (equal or {}).items():
        if choice is not None:
            allowed = next(row["allowed"] for row in head if row["column_name"] == column)
            values[column] = _checked(store, table, column, choice, allowed, types[column])
            terms.append(f'"{column}" in (select unnest(${column}))')
    for column, span in (between or {}).items():
        for side, sign, bound in _bounds(table, column, span):
            terms.append(f'"{column}" {sign} ${column}_{side}')
            values[f"{column}_{side}"] = bound
    select_list = ", ".join(f'"{name}"' for name in columns) if columns else "*"
    where = f" where {' and '.join(terms)}" if terms else ""
    return store.arrow(f'select {select_list} from marts."{table}"{where}', values)  # noqa: S608


def describe(store: Store, table: str) -> pa.Table:
    """Return the data dictionary's rows of one mart, in the order of its columns.

    Raises
    ------
    UnknownTable
        No such mart.
    """
    if table not in (known := mart_names(store)):
        raise UnknownTable(f"there is no table '{table}'; allowed are {', '.join(known)}")
    return store.arrow(
        "select column_name, label, unit, data_type, definition, allowed, sources, licence "
        "from marts.indicators where table_name = ? order by position",
        [table],
    )


def _head(store: Store, table: str) -> list[dict[str, str]]:
    """Return name, type and closed list of a mart's columns."""
    rows: list[dict[str, str]] = (
        describe(store, table).select(["column_name", "data_type", "allowed"]).to_pylist()
    )
    return rows


def _require(table: str, column: str, known: Mapping[str, str]) -> None:
    if column in known:
        return
    near = difflib.get_close_matches(column, known, 3)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise InputError(
        f"table '{table}' has no column '{column}'.{hint} Allowed are {', '.join(known)}"
    )


def _checked(
    store: Store, table: str, column: str, choice: Choice, allowed: str | None, kind: str
) -> list[Any]:
    """Return the chosen values as a list, all of which occur or are declared."""
    single = isinstance(choice, str) or not isinstance(choice, Iterable)
    values: list[Any] = [choice] if single else list(cast("Sequence[Any]", choice))
    given = [_typed(table, column, value, kind) for value in values]
    known: list[Any] = allowed.split("|") if allowed and kind == "VARCHAR" else []
    if not known:
        known = store.arrow(
            f'select distinct "{column}" as v from marts."{table}" '  # noqa: S608 - checked before
            f'where "{column}" is not null order by 1'
        )["v"].to_pylist()
    strange = [value for value in given if value not in set(known)]
    if not given or strange:
        actual = repr(strange[0]) if strange else "an empty list"
        few = len(known) <= _MOST_LISTED
        near = difflib.get_close_matches(str(strange[:1]), map(str, known), 3)
        examples = ", ".join(map(str, known if few else near or known[:5]))
        more = "" if few else f" and others ({len(known):,} in all)"
        own = countries.hint(str(strange[0])) if strange and column == "country" else ""
        hint = f"{own}; " if own else ""
        raise InputError(f"{column} is {actual}; {hint}allowed are {examples or 'none'}{more}")
    return given


def _typed(table: str, column: str, value: Any, kind: str) -> Any:
    """Return a value that a column of this type may hold."""
    plain = value.item() if isinstance(value, np.generic) else value
    if kind.endswith("[]") or kind == "BLOB":
        raise InputError(
            f"{column} of '{table}' holds {kind}; allowed are columns of texts, numbers, yes or no"
        )
    type_ = _TYPES.get(kind, Real)
    if isinstance(plain, type_) and (kind == "BOOLEAN" or not isinstance(plain, bool)):
        return plain
    raise InputError(
        f"{column} of '{table}' is {value!r}, of Python's type {type(value).__name__}; allowed is "
        + {str: "a text, in quotes", bool: "True or False, without quotes"}.get(
            type_, "a number, without quotes"
        )
    )


def _bounds(table: str, column: str, span: Range | None) -> list[tuple[str, str, float]]:
    if span is None:
        return []
    if not isinstance(span, (tuple, list)) or len(span) != 2:
        raise InputError(
            f"{column} is {span!r}; a pair of least and largest value is allowed, None where open"
        )
    low, high = span
    for bound in span:
        if bound is not None and (isinstance(bound, bool) or not isinstance(bound, (int, float))):
            raise InputError(f"{column} is {span!r}; numbers are allowed, None where open")
    if low is not None and high is not None and low > high:
        raise InputError(f"{column} from {low} to {high}: the least value must come first")
    sides = (("low", ">=", low), ("high", "<=", high))
    return [(side, sign, float(bound)) for side, sign, bound in sides if bound is not None]

"""Rows and columns of a mart, chosen by name; each name and value is checked first."""

from __future__ import annotations

import difflib
import math
import numbers
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from pipelines.core import countries
from pipelines.core.errors import InputError, UnknownTable
from pipelines.serve.export import mart_names
from pipelines.serve.store import Store

#: One value, or several of which one must hold.
Choice = str | int | float | Sequence[str] | Sequence[int] | Sequence[float]
#: Least and largest value, both inclusive; None leaves a side open.
Range = tuple[float | None, float | None]

_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
# What a value of a column must be, by the column's type, and how that is said.
_KINDS: dict[str, tuple[type, str]] = {
    **{kind: (numbers.Integral, "a whole number") for kind in _WHOLE},
    "DOUBLE": (numbers.Real, "a number"),
    "VARCHAR": (str, "a text"),
    "BOOLEAN": (bool, "True or False"),
}
_OTHER_VINTAGES = (
    "; other vintages need the JRC's crosswalk, see 'hinterland fetch --only jrc_nuts_2021_2024'"
)
# A column with more values than that is an identifier: its values are not listed in a message.
_MOST_LISTED = 60


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
    terms: dict[str, str] = {}
    values: dict[str, Any] = {}
    for column, choice in (equal or {}).items():
        if choice is not None:
            allowed = next(row["allowed"] for row in head if row["column_name"] == column)
            values[column] = _checked(store, table, column, choice, allowed, types[column])
            terms[column] = f'"{column}" in (select unnest(${column}))'
    for column, span in (between or {}).items():
        for side, sign, bound in _bounds(table, column, span):
            terms[f"{column} {side}"] = f'"{column}" {sign} ${column}_{side}'
            values[f"{column}_{side}"] = bound
    select_list = ", ".join(f'"{name}"' for name in columns) if columns else "*"
    where = f" where {' and '.join(terms.values())}" if terms else ""
    return store.arrow(f'select {select_list} from marts."{table}"{where}', values)  # noqa: S608


def why_empty(
    store: Store,
    table: str,
    equal: Mapping[str, Choice | None],
    between: Mapping[str, Range | None],
) -> str:
    """Say why a selection that :func:`select_rows` took leaves no row of a mart.

    Parameters
    ----------
    store, table, equal, between
        As of :func:`select_rows`.
    """
    single: list[tuple[dict[str, Choice | None], dict[str, Range | None]]] = []
    single += [({name: choice}, {}) for name, choice in equal.items() if choice is not None]
    single += [({}, {name: span}) for name, span in between.items() if span is not None]
    for same, spans in single:
        column = next(iter({**same, **spans}))
        if spans and not select_rows(store, table, same, spans, [column]).num_rows:
            ends = store.rows(
                f'select min("{column}") as low, max("{column}") as high '  # noqa: S608 - checked
                f'from marts."{table}"'
            )[0]
            known = f"it goes from {_short(ends['low'])} to {_short(ends['high'])}"
            told = known if ends["low"] is not None else "nothing is known of it in this database"
            return f"no row of '{table}': {column} is {spans[column]}; {told}"
    names = [name for same, spans in single for name in (*same, *spans)]
    if not names:
        return f"the table '{table}' has no rows in this database"
    return f"no row of '{table}' fulfils all of {', '.join(names)} at once"


def _short(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


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
    if not isinstance(column, str):
        raise InputError(f"a name of a column is {column!r}; a text (str) is allowed")
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
    given = _listed(choice)
    if kind in _WHOLE:  # 3.0 is what pandas makes of 3 in a column with a gap
        given = [int(v) if isinstance(v, float) and v.is_integer() else v for v in given]
    if kind not in _KINDS:
        raise InputError(
            f"table '{table}': rows cannot be chosen by '{column}', which holds {kind}; allowed "
            "are columns of texts, numbers and yes or no"
        )
    known: list[Any] = allowed.split("|") if allowed and kind == "VARCHAR" else []
    if not known:
        known = store.arrow(
            f'select distinct "{column}" as v from marts."{table}" '  # noqa: S608 - checked before
            f'where "{column}" is not null order by 1'
        )["v"].to_pylist()
    odd = [value for value in given if not _fits(value, kind)]
    strange = odd or [value for value in given if value not in set(known)]
    if not given or strange:
        actual = repr(strange[0]) if strange else "an empty list"
        few = len(known) <= _MOST_LISTED
        near = difflib.get_close_matches(str(strange[:1]), map(str, known), 3)
        examples = ", ".join(map(str, known if few else near or known[:5]))
        more = "" if few else f" and others ({len(known):,} in all)"
        if strange and column == "country" and few and not odd:
            raise InputError(f"{column} is {actual}; {countries.allowed(strange[0], known)}")
        if odd:
            actual = f"{actual} ({type(strange[0]).__name__})"
            what = f"{_KINDS[kind][1]} is allowed"
            raise InputError(f"{column} is {actual}; {what}: {examples or 'none'}{more}")
        vintages = _OTHER_VINTAGES if column == "nuts_version" else ""
        raise InputError(f"{column} is {actual}; allowed are {examples or 'none'}{more}{vintages}")
    return given


def _listed(choice: object) -> list[Any]:
    """Return one value or several as a list of Python's own; numpy's become them."""
    if isinstance(choice, str | bytes | Mapping) or not isinstance(choice, Iterable):
        several: list[Any] = [choice]
    else:
        several = list(choice) if getattr(choice, "ndim", 1) else [choice]
    return [_plain(value) for value in several]


def _plain(value: Any) -> Any:
    """Return a scalar of numpy as Python's own."""
    is_scalar = type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0
    return value.item() if is_scalar else value


def _fits(value: object, kind: str) -> bool:
    return isinstance(value, _KINDS[kind][0]) and isinstance(value, bool) == (kind == "BOOLEAN")


def _bounds(table: str, column: str, span: Range | None) -> list[tuple[str, str, float]]:
    if span is None:
        return []
    if not isinstance(span, (tuple, list)) or len(span) != 2:
        raise InputError(
            f"{column} is {span!r}; a pair of least and largest value is allowed, None where open"
        )
    low, high = (_plain(bound) for bound in span)
    for bound in (low, high):
        is_number = isinstance(bound, (int, float)) and not isinstance(bound, bool)
        if bound is not None and (not is_number or math.isnan(bound)):
            raise InputError(f"{column} is {span!r}; numbers are allowed, None where open")
    if low is not None and high is not None and low > high:
        raise InputError(f"{column} from {low} to {high}: the least value must come first")
    sides = (("low", ">=", low), ("high", "<=", high))
    return [(side, sign, float(bound)) for side, sign, bound in sides if bound is not None]

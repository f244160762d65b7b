"""What an address asks of a table: which rows and columns, in which order, how many.

``country=DE,FR`` is a row whose country is one of these; ``population.min=5000`` and
``.max`` bound a number, both inclusive; ``name.known=yes`` wants a value, ``no`` none.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.core.errors import InputError
from pipelines.serve.selection import describe, select_rows
from pipelines.serve.store import Store

#: Words of an address that are no column.
WORDS = ("columns", "sort", "limit", "offset", "labels", "bom", "lang")
#: A word of an address and all of them together are no longer than that, in characters.
WORD_MOST = 2_000
_VALUES_MOST = 200
_YES_NO = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
_NUMBERS = (*_WHOLE, "DOUBLE", "FLOAT")


@dataclass(frozen=True)
class TableQuery:
    """What is asked of one table.

    Attributes
    ----------
    table : str
        Name of a mart.
    equal : mapping of str to list
        Column to values of which one must hold.
    between : mapping of str to (float or None, float or None)
        Column to an inclusive range.
    known : mapping of str to bool
        Column to whether it must have a value.
    columns : tuple of str
        Columns in their order; empty for all.
    sort : str
        Column, with ``-`` before it from the largest down; empty for the table's own order.
    limit, offset : int or None, int
        How many rows, after how many.
    has_labels, has_mark : bool
        Whether columns are called by label and unit; whether a CSV begins with the byte order
        mark that Excel wants.
    """

    table: str
    equal: Mapping[str, list[str] | list[int] | list[bool]] = field(default_factory=dict)
    between: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    known: Mapping[str, bool] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    sort: str = ""
    limit: int | None = None
    offset: int = 0
    has_labels: bool = False
    has_mark: bool = False

    def words(self) -> str:
        """Return the selection as it is written in an address; the same for the same rows."""
        parts = [f"{name}={','.join(map(_text, self.equal[name]))}" for name in sorted(self.equal)]
        for name in sorted(self.between):
            sides = zip(("min", "max"), self.between[name], strict=True)
            parts += [f"{name}.{side}={bound:g}" for side, bound in sides if bound is not None]
        parts += [f"{name}.known={_text(self.known[name])}" for name in sorted(self.known)]
        parts += [f"columns={','.join(self.columns)}"] if self.columns else []
        parts += [f"sort={self.sort}"] if self.sort else []
        parts += [f"limit={self.limit}"] if self.limit is not None else []
        parts += [f"offset={self.offset}"] if self.offset else []
        parts += ["labels=yes"] if self.has_labels else []
        parts += ["bom=yes"] if self.has_mark else []
        return "&".join(parts)


def _text(value: str | int | bool) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def read_query(store: Store, table: str, pairs: Iterable[tuple[str, str]]) -> TableQuery:
    """Read an address's words into a query.

    Parameters
    ----------
    store : Store
    table : str
        Name of a mart.
    pairs : iterable of (str, str)
        Words and values of the address, decoded.

    Raises
    ------
    UnknownTable
        No such mart.
    InputError
        A word, a column or a value is not allowed; the message says what is.
    """
    rows = describe(store, table).to_pylist()
    return read_words(table, {row["column_name"]: row["data_type"] for row in rows}, pairs)


def read_words(
    table: str, types: Mapping[str, str], pairs: Iterable[tuple[str, str]]
) -> TableQuery:
    """Read an address's words into a query of a table with these columns; see read_query.

    Parameters
    ----------
    table : str
    types : mapping of str to str
        DuckDB's type of each column.
    pairs : iterable of (str, str)
        Words and values of the address, decoded.

    Raises
    ------
    InputError
        A word, a column or a value is not allowed; the message says what is.
    """
    words: dict[str, str] = {}
    for name, value in pairs:
        if len(name) + len(value) > WORD_MOST:
            raise InputError(f"{name[:40]}: more than {WORD_MOST:,} characters; fewer are allowed")
        if name in words:
            raise InputError(f"{name} stands twice; once is allowed, values with commas between")
        words[name] = value
    _require_words(table, words, types)
    return TableQuery(
        table,
        equal={n: _values(n, v, types[n]) for n, v in words.items() if n in types},
        between=_ranges(words, types),
        known={
            n.removesuffix(".known"): _yes_no(n, v)
            for n, v in words.items()
            if n.endswith(".known")
        },
        columns=_columns(table, words.get("columns", ""), types),
        sort=_sort(table, words.get("sort", ""), types),
        limit=_count("limit", words["limit"]) if "limit" in words else None,
        offset=_count("offset", words.get("offset", "0")),
        has_labels=_yes_no("labels", words.get("labels", "no")),
        has_mark=_yes_no("bom", words.get("bom", "no")),
    )


def select(store: Store, query: TableQuery) -> tuple[pa.Table, int]:
    """Return the rows of a query, and how many there are without limit and offset.

    Raises
    ------
    InputError
        A value does not occur; the message says which do.
    """
    needed = list(query.columns)
    extra = [n for n in (*query.known, query.sort.removeprefix("-")) if n and n not in needed]
    data = select_rows(
        store,
        query.table,
        query.equal,
        query.between,
        [*needed, *dict.fromkeys(extra)] if needed else None,
    )
    for name, is_known in query.known.items():
        data = data.filter(pc.is_valid(data[name]) if is_known else pc.is_null(data[name]))
    if query.sort:
        name = query.sort.removeprefix("-")
        order = "descending" if query.sort.startswith("-") else "ascending"
        data = data.take(pc.sort_indices(data, [(name, order, "at_end")]))
    total = data.num_rows
    data = data.slice(query.offset, query.limit)
    return (data.select(needed) if needed else data), total


def _require_words(table: str, words: Iterable[str], types: Mapping[str, str]) -> None:
    for word in words:
        column, dot, side = word.partition(".")
        if word in WORDS or word in types:
            continue
        if column in types and dot and side in ("min", "max", "known"):
            if side != "known" and types[column] not in _NUMBERS:
                raise InputError(f"{word}: {column} is no number; .known alone is allowed")
            continue
        near = difflib.get_close_matches(column, [*types, *WORDS], 3)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise InputError(
            f"'{word[:40]}' is no column of {table}{hint} Allowed are its columns, also with .min, "
            f".max and .known, and {', '.join(WORDS)}"
        )


def _values(name: str, text: str, kind: str) -> list[str] | list[int] | list[bool]:
    texts = [part.strip() for part in text.split(",")]
    if len(texts) > _VALUES_MOST:
        raise InputError(f"{name}: {len(texts):,} values; {_VALUES_MOST} are allowed")
    if kind == "BOOLEAN":
        return [_yes_no(name, part) for part in texts]
    if kind in _WHOLE:
        return [_whole(name, part) for part in texts]
    if kind == "VARCHAR":
        return list(texts)
    can = f"{name}.min and {name}.max" if kind in _NUMBERS else f"{name}.known"
    raise InputError(f"{name} cannot be asked for a value; {can} can")


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) <= 18):
        raise InputError(f"{name} is '{text[:40]}'; whole numbers are allowed")
    return int(text)


def _count(name: str, text: str) -> int:
    number = _whole(name, text)
    if number < 0:
        raise InputError(f"{name} is {number}; 0 and more are allowed")
    return number


def _yes_no(name: str, text: str) -> bool:
    if text.lower() not in _YES_NO:
        raise InputError(f"{name} is '{text[:40]}'; yes and no are allowed")
    return _YES_NO[text.lower()]


def _number(name: str, text: str) -> float:
    try:
        if not text.isascii() or "_" in text:
            raise ValueError
        number = float(text)
        if number - number != 0:  # no number, or without end
            raise ValueError
    except ValueError:
        raise InputError(
            f"{name} is '{text[:40]}'; a number like 5000 or -0.5 is allowed"
        ) from None
    return number


def _ranges(
    words: Mapping[str, str], types: Mapping[str, str]
) -> dict[str, tuple[float | None, float | None]]:
    ranges: dict[str, tuple[float | None, float | None]] = {}
    for name in types:
        low, high = (
            _number(word, words[word]) if word in words else None
            for word in (f"{name}.min", f"{name}.max")
        )
        if low is not None or high is not None:
            ranges[name] = (low, high)
    return ranges


def _columns(table: str, text: str, types: Mapping[str, str]) -> tuple[str, ...]:
    names = [part.strip() for part in text.split(",") if part.strip()]
    for name in names:
        if name not in types:
            near = difflib.get_close_matches(name, types, 3)
            hint = f"Did you mean {' or '.join(near)}? " if near else ""
            raise InputError(
                f"columns: '{name[:40]}' is no column of {table}. {hint}"
                f"Allowed are {', '.join(types)}"
            )
    return tuple(dict.fromkeys(names))


def _sort(table: str, text: str, types: Mapping[str, str]) -> str:
    if not text:
        return ""
    sign = "-" if text.startswith("-") else ""
    names = _columns(table, text.removeprefix("-"), types)
    if len(names) != 1:
        raise InputError(f"sort: '{text[:40]}' is not one column; allowed is one, with - before it")
    if types[names[0]] == "BLOB" or types[names[0]].endswith("[]"):
        raise InputError(f"sort: {names[0]} has no order")
    return sign + names[0]

"""What a file of figures must keep to before anything is worked out from it.

A declaration of a source can say, for its Parquet file::

    [checks]
    primary_key = ["nuts_id"]                           # filled, and once each
    references = { nuts_id = "raw.gisco_nuts_2021.nuts_id" }

    [checks.bounds]                                     # both included; * stands for any letters
    "pop_*" = [1, 100_000_000]

A row is named as a spreadsheet would count it: the first of the file is row 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

import duckdb

from pipelines.core.findings import Finding, refusal
from pipelines.core.registry import Source

_SHOWN = 20  # of one sort and column: a shifted column is wrong in every row


def file_findings(
    con: duckdb.DuckDBPyConnection, source: Source, path: Path, types: Mapping[str, str]
) -> list[Finding]:
    """Return what is wrong in a Parquet file: types, empty or repeated keys, bounds.

    Parameters
    ----------
    con
        Any connection.
    source
        Its declaration.
    path
        The file, which has all columns that are declared.
    types : mapping of str to str
        The type of each column of the file.
    """
    rows = "(select *, file_row_number + 2 as row from read_parquet(?, file_row_number = true))"
    # Of a column of another type nothing else can be asked.
    mistyped = [name for name, kind in source.columns.items() if types[name] != kind]
    findings = [f for name in mistyped for f in _of_type(con, source, path, rows, name, types)]
    if findings:
        return findings
    for column, condition, problem, allowed in _rules(source):
        faults = con.execute(
            f'select row, "{column}" from {rows} where {condition} order by row limit {_SHOWN}',  # noqa: S608
            [str(path)],
        ).fetchall()
        findings += [
            Finding(path.name, row, column, problem, "" if value is None else str(value), allowed)
            for row, value in faults
        ]
    return findings


def _of_type(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    path: Path,
    rows: str,
    column: str,
    types: Mapping[str, str],
) -> list[Finding]:
    """Name the cells that are not of the declared type, or the column where all could be."""
    kind = source.columns[column]
    cells = con.execute(
        f'select row, "{column}"::varchar from {rows} where "{column}" is not null '  # noqa: S608
        f'and try_cast("{column}" as {kind}) is null order by row limit {_SHOWN}',
        [str(path)],
    ).fetchall()
    if not cells:
        return [Finding(path.name, 0, column, "is of another type", types[column], kind)]
    return [Finding(path.name, row, column, "does not fit", text, kind) for row, text in cells]


def _rules(source: Source) -> list[tuple[str, str, str, str]]:
    """Return column, condition of a bad row, problem and what is allowed of each rule."""
    checks = source.extra.get("checks", {})
    keys = checks.get("primary_key", [])
    together = ", ".join(f'"{key}"' for key in keys)
    rules = [(key, f'"{key}" is null', "is empty", "a value in every row") for key in keys]
    if keys:
        # The first of equal rows stands; those after it are named.
        again = f"row_number() over (partition by {together} order by row) > 1"
        rules.append((keys[0], f"true qualify {again}", "stands in a row before", "once each"))
    for pattern, (low, high) in checks.get("bounds", {}).items():
        columns = [name for name in source.columns if fnmatchcase(name, pattern)]
        rules += [
            (c, f'not "{c}" between {low!r} and {high!r}', "does not fit", f"from {low} to {high}")
            for c in columns
        ]
    return rules


def check_codes(
    con: duckdb.DuckDBPyConnection, sources: Iterable[Source], present: Mapping[str, Path]
) -> None:
    """Refuse codes that the table which a declaration refers to does not have.

    Parameters
    ----------
    con
        The database, where the raw tables are.
    sources
        All declarations.
    present : mapping of str to Path
        The file of each source that is there.

    Raises
    ------
    InputError
        Each code with file, row and field.
    """
    findings = []
    for source in sources:
        references = source.extra.get("checks", {}).get("references", {})
        for column, reference in references.items() if source.name in present else ():
            table, _, key = reference.rpartition(".")
            bad = con.execute(
                f'select rowid + 2, "{column}" from raw.{source.raw_table} '  # noqa: S608
                f'where "{column}" not in (select "{key}" from {table}) order by 1 limit {_SHOWN}'
            ).fetchall()
            file = present[source.name].name
            findings += [
                Finding(file, row, column, "is not known", str(code), f"a value of {reference}")
                for row, code in bad
            ]
    if findings:
        raise refusal(findings)

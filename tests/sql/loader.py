"""Models tested by rows in files: what is given, and what the statement must make of it.

A file ``tests/sql/cases/<model>.toml`` holds cases. Each states the source of its expectation,
the tables that are given and the rows that are expected, as text tables::

    [[case]]
    name = "both bounds are stable"
    source = "docs/demography.md: ..."
    thresholds = { trend_stable_annual_pct = 0.2 }    # only where a test moves one
    expect = '''
    nuts_id | trend
    A       | stable
    '''
    [case.given]
    "indicators.ind_region__change" = '''
    nuts_id | annual_change_pct
    A       | -0.1
    '''

A cell is text that DuckDB casts to the declared type; ``NULL`` is missing, ``2017..2021`` makes
a row of each number, ``#`` begins a comment. A column that is not given is NULL. A table that is
not given is the real one if it is a seed, is made by its own statement if anything given leads to
it through statements alone, and is empty otherwise. Expected floats are met to 1e-9; ``~0.33`` is
met by what rounds to 0.33.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipelines.catalogue.marts import SQL_TYPES
from pipelines.catalogue.schema import read_schema
from pipelines.core.paths import catalogue_dir
from pipelines.core.registry import read_registry
from pipelines.runner.models import LAYERS, Model, run_model
from pipelines.runner.seeds import load_seeds
from pipelines.runner.workbench import Workbench

FOLDER = Path(__file__).parent / "cases"
_KEYS = {"name", "source", "thresholds", "expect", "given"}
_RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)")
_MACROS = "pipelines.runner.macros"


class CaseError(AssertionError):
    """A case is written wrongly, or the model makes other rows than it expects."""


@dataclass(frozen=True)
class Rows:
    """A text table: columns, and rows of cells; None is NULL."""

    columns: list[str]
    rows: list[tuple[str | None, ...]]


@dataclass(frozen=True)
class Case:
    """One case of one model."""

    model: str
    name: str
    source: str
    given: Mapping[str, Rows]
    expect: Rows
    thresholds: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return what pytest calls it."""
        return f"{self.model}: {self.name}"


def parse_rows(text: str, where: str) -> Rows:
    """Read a text table."""
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    cells = [[cell.strip() for cell in line.split("|")] for line in lines if line]
    if not cells:
        raise CaseError(f"{where}: no columns")
    columns, rows = cells[0], []
    for row in cells[1:]:
        if len(row) != len(columns):
            raise CaseError(f"{where}: {' | '.join(row)}: {len(row)} cells, not {len(columns)}")
        for full in _unrolled(row):
            rows.append(tuple(None if cell == "NULL" else cell for cell in full))
    return Rows(columns, rows)


def _unrolled(row: list[str]) -> list[list[str]]:
    """Return a row of each number where a cell is a range."""
    for at, cell in enumerate(row):
        if match := _RANGE.fullmatch(cell):
            numbers = range(int(match[1]), int(match[2]) + 1)
            return [u for n in numbers for u in _unrolled([*row[:at], str(n), *row[at + 1 :]])]
    return [row]


def read_cases(path: Path) -> list[Case]:
    """Read the cases of one file, named after its model."""
    cases = []
    for number, facts in enumerate(tomllib.loads(path.read_text("utf-8"))["case"], start=1):
        where = f"{path.name}, case {number}"
        if unknown := set(facts) - _KEYS:
            raise CaseError(f"{where}: unknown keys {sorted(unknown)}")
        if missing := [key for key in ("name", "source", "expect", "given") if not facts.get(key)]:
            raise CaseError(f"{where}: {missing} is missing")
        given = {t: parse_rows(text, f"{where}, {t}") for t, text in facts["given"].items()}
        expect = parse_rows(facts["expect"], f"{where}, expect")
        cases.append(
            Case(
                path.stem,
                facts["name"],
                facts["source"],
                given,
                expect,
                facts.get("thresholds", {}),
            )
        )
    return cases


def all_cases(folder: Path = FOLDER) -> list[Case]:
    """Read the cases of every file."""
    return [case for path in sorted(folder.glob("*.toml")) for case in read_cases(path)]


@functools.cache
def bench() -> Workbench:
    """Return the project's models, read once."""
    return Workbench.read()


@functools.cache
def _raw_columns() -> dict[str, dict[str, str]]:
    fetched = {f"raw.{s.raw_table}": s.columns for s in read_registry().values() if s.raw_table}
    return fetched | {
        f"raw.catalogue__{name}": {
            c.name: SQL_TYPES.get(c.type, "VARCHAR") for c in t.columns.values()
        }
        for name, t in read_schema(catalogue_dir()).tables.items()
    }


def check(case: Case) -> None:
    """Run a model on what a case gives and compare what it makes with what is expected.

    Raises
    ------
    CaseError
        The rows differ, or the case names a table or column that there is not.
    """
    model = bench().find(case.model)
    if strangers := set(case.given) - bench().ancestors(model.table):
        raise CaseError(f"{case}: {model.table} is not made from {sorted(strangers)}")
    if strangers := set(case.expect.columns) - set(model.columns):
        raise CaseError(f"{case}: {model.table} has no column {sorted(strangers)}")
    with workspace() as con:
        _move_thresholds(con, case)
        made: set[str] = set()
        for table in sorted(model.inputs):
            _make(con, table, case, made)
        run(con, model)
        _compare(con, model, case)


def workspace() -> duckdb.DuckDBPyConnection:
    """Return an empty database with the schemas of all layers and the project's seeds."""
    con = duckdb.connect()
    for schema in ("raw", *LAYERS):
        con.execute(f"create schema {schema}")
    load_seeds(con)
    return con


def run(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Make one model of the project as a build does; what it reads must be there."""
    _create_macros(con)
    run_model(con, model)


def _move_thresholds(con: duckdb.DuckDBPyConnection, case: Case) -> None:
    for name, value in case.thresholds.items():
        known = con.execute(
            "update seeds.thresholds set value = ? where name = ? returning name", [value, name]
        )
        if not known.fetchall():
            raise CaseError(f"{case}: no threshold is called '{name}'")


def _make(con: duckdb.DuckDBPyConnection, table: str, case: Case, made: set[str]) -> None:
    """Create a table that the model reads: given, a seed, made from what is given, or empty."""
    if table in made:
        return
    made.add(table)
    maker = bench().by_table.get(table)
    if table in case.given:
        _create(con, table, maker, case)
    elif maker is not None and _is_led_to(table, case):
        for parent in sorted(maker.inputs):
            _make(con, parent, case, made)
        run(con, maker)
    elif not table.startswith("seeds."):
        _create_empty(con, table, maker)


def _is_led_to(table: str, case: Case) -> bool:
    """Tell whether statements alone lead from a given table to this one."""
    if table in case.given:
        return True
    maker = bench().by_table.get(table)
    if maker is None or maker.sql is None:
        return False
    return any(_is_led_to(parent, case) for parent in maker.inputs)


def _create_empty(con: duckdb.DuckDBPyConnection, table: str, maker: Model | None) -> None:
    types = {c: f["type"] for c, f in maker.columns.items()} if maker else _raw_columns()[table]
    columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    con.execute(f"create table {table} ({columns})")


def _create(con: duckdb.DuckDBPyConnection, table: str, maker: Model | None, case: Case) -> None:
    if table.startswith("seeds."):
        con.execute(f"delete from {table}")  # noqa: S608 - a name of the project's own
    else:
        _create_empty(con, table, maker)
    rows = case.given[table]
    names = ", ".join(f'"{name}"' for name in rows.columns)
    marks = ", ".join("?" for _ in rows.columns)
    try:
        for row in rows.rows:
            con.execute(f"insert into {table} ({names}) values ({marks})", row)  # noqa: S608
    except duckdb.Error as error:
        raise CaseError(f"{case}: given {table}: {error}") from error


def _create_macros(con: duckdb.DuckDBPyConnection) -> None:
    """Create the macros of ``sql/macros`` whose tables are there and that are not yet."""
    if importlib.util.find_spec(_MACROS) is None:
        return
    module = importlib.import_module(_MACROS)
    macros = module.read_macros()
    values = dict(con.execute("select name, value from seeds.thresholds").fetchall())
    macros["thresholds"] = module.thresholds_macro(values)
    tables = con.execute("select schema_name || '.' || table_name from duckdb_tables()")
    there = {name for (name,) in tables.fetchall()}
    functions = con.execute(
        "select if(schema_name = 'main', '', schema_name || '.') || function_name "
        "from duckdb_functions() where not internal"
    )
    known = {name for (name,) in functions.fetchall()}
    for name, macro in macros.items():
        if name not in known and macro.tables <= there and macro.macros <= known:
            module.create_macros(con, [macro])
            known.add(name)


def _compare(con: duckdb.DuckDBPyConnection, model: Model, case: Case) -> None:
    columns = case.expect.columns
    names = ", ".join(f'"{name}"' for name in columns)
    found = con.execute(f"select {names} from {model.table}").fetchall()  # noqa: S608
    types = [model.columns[name]["type"] for name in columns]
    rest, missing = list(found), []
    for row in case.expect.rows:
        wanted = [_cast(con, cell, kind) for cell, kind in zip(row, types, strict=True)]
        for other in rest:
            if all(map(_same, row, wanted, other)):
                rest.remove(other)
                break
        else:
            missing.append(row)
    if rest or missing:
        lines = ["  " + " | ".join(columns)]
        lines += sorted(
            [f"- {_line(row)}" for row in missing] + [f"+ {_line(row)}" for row in rest],
            key=lambda line: (line[2:].split(" | ")[0], line[0] == "+"),
        )
        raise CaseError(
            f"{case}\n{case.source}\n- expected, + made by {model.table}:\n" + "\n".join(lines)
        )


def _cast(con: duckdb.DuckDBPyConnection, cell: str | None, kind: str) -> Any:
    text = cell.removeprefix("~") if cell is not None else None
    return con.execute(f"select ?::{kind}", [text]).fetchall()[0][0]


def _same(cell: str | None, wanted: Any, found: Any) -> bool:
    if not isinstance(wanted, float) or not isinstance(found, float):
        return bool(wanted == found)
    if cell is not None and cell.startswith("~"):
        digits = len(cell.partition(".")[2])
        return bool(abs(wanted - found) <= 0.5 * 10.0**-digits)
    return math.isclose(wanted, found, rel_tol=1e-9, abs_tol=1e-9)


def _line(row: tuple[Any, ...]) -> str:
    return " | ".join("NULL" if cell is None else str(cell) for cell in row)

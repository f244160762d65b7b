"""Macros: what several statements of ``sql/`` and the pages share.

A macro is ``sql/macros/<name>.sql`` with one ``create macro``. Scalar macros are called by
their bare name. Table macros carry a layer as schema and obey it as a model does. All are
published with the database, so that a page runs the definition that the build ran; hence a
macro reads nothing but what is published.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.core import paths
from pipelines.core.errors import ModelError
from pipelines.core.thresholds import Thresholds
from pipelines.runner.statements import Names, built_in, names_of

READABLE = ("indicators", "typologies", "marts")
_HEADER = re.compile(
    r"(?:--[^\n]*\n)*create macro (?P<name>[a-z_0-9.]+)\((?P<parameters>.*?)\) as"
    r"(?P<table> table)?\s+(?P<body>.+)",
    re.DOTALL,
)
# Of the spatial extension, which the parser's empty database does not load.
_SPATIAL = "st_"


@dataclass(frozen=True)
class Macro:
    """One macro: name (a table macro's with its layer), parameters and body."""

    name: str
    parameters: str
    body: str
    is_table: bool
    tables: frozenset[str]
    macros: frozenset[str]

    @property
    def parameter_names(self) -> list[str]:
        """Names of the parameters, which stand in the body like columns."""
        return re.findall(r"(?:^|,)\s*([a-z_0-9]+)(?=\s*(?:,|:=|$))", self.parameters)

    def statement(self, database: str = "") -> str:
        """Return the statement that creates it, in an attached database if one is named."""
        name = self.name if "." in self.name else f"main.{self.name}"
        prefix, kind = f"{database}." if database else "", "table " if self.is_table else ""
        return f"create macro {prefix}{name}({self.parameters}) as {kind}{self.body}"


def called(
    names: Names, known: Iterable[str], where: str, thresholds: frozenset[str]
) -> frozenset[str]:
    """Return the macros that a SELECT calls.

    Raises
    ------
    ModelError
        A function is neither DuckDB's nor a macro, a table function is no macro, or a
        threshold is no row of the seed.
    """
    macros = set(known)
    for name in sorted(names.table_functions - macros - {"unnest"}):
        raise ModelError(
            f"{where}: reads the table function '{name}', which is no macro of sql/macros"
            f"{_close(name, macros)}; only macros and unnest are allowed"
        )
    for name in sorted(names.functions - macros - built_in()):
        if not name.startswith(_SPATIAL):
            raise ModelError(
                f"{where}: calls '{name}', which is neither a function of DuckDB nor a macro of "
                f"sql/macros{_close(name, macros)}"
            )
    for name in sorted(names.thresholds - thresholds):
        raise ModelError(
            f"{where}: threshold '{name}' is no row of sql/seeds/thresholds.csv"
            f"{_close(name, thresholds)}"
        )
    return frozenset((names.table_functions | names.functions) & macros)


def _close(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), 1)
    return f" (did you mean '{close[0]}'?)" if close else ""


def read_thresholds(folder: Path) -> Thresholds:
    """Return the seed of a folder of SQL, empty without the file."""
    path = folder / "seeds" / "thresholds.csv"
    return Thresholds.of_file(path) if path.is_file() else Thresholds({})


def thresholds_macro(values: Mapping[str, float]) -> Macro:
    """Return the one macro that is made: ``thresholds()``, a map of name to value.

    A constant, so that DuckDB folds ``threshold('name')``: a subquery for each would make the
    planner try every order of joining them.
    """
    pairs = ", ".join(f"{name}={value!r}" for name, value in values.items())
    body = f"'{{{pairs}}}'::map(varchar, double)"
    return Macro("thresholds", "", body, False, frozenset(), frozenset())


def read_macros(folder: Path | None = None) -> dict[str, Macro]:
    """Read every macro of ``macros/``, those that others call before their callers.

    Raises
    ------
    ModelError
        A file is not one ``create macro`` of its own name, or a macro reads what is not
        published, calls what there is not, or calls itself through others.
    """
    folder = folder or paths.sql_dir()
    values = read_thresholds(folder)
    thresholds = thresholds_macro(values)
    headers = {path: _header(path) for path in sorted((folder / "macros").glob("*.sql"))}
    known = [thresholds.name, *(match["name"] for match in headers.values())]
    macros = {thresholds.name: thresholds} | {
        match["name"]: _macro(match, f"sql/macros/{path.name}", known, frozenset(values))
        for path, match in headers.items()
    }
    ordered: dict[str, Macro] = {}
    for name in macros:
        _place(name, macros, ordered, ())
    for macro in ordered.values():
        _check_layers(macro, ordered)
    return ordered


def _check_layers(macro: Macro, macros: dict[str, Macro]) -> None:
    """Hold a macro to the layer in its name, and to what is published."""
    for table in sorted(macro.tables | tables_behind(macro.macros, macros)):
        layer = table.split(".")[0]
        if layer not in READABLE:
            raise ModelError(
                f"macro {macro.name}: reads '{table}', which is not published; a macro reads "
                f"the layers {', '.join(READABLE)}"
            )
        own = macro.name.rpartition(".")[0] or READABLE[-1]
        if READABLE.index(layer) > READABLE.index(own):
            raise ModelError(f"macro {macro.name}: reads '{table}' of a later layer")


def _header(path: Path) -> re.Match[str]:
    match = _HEADER.fullmatch(path.read_text("utf-8").strip().rstrip(";"))
    if match is None or match["name"].rpartition(".")[2] != path.stem:
        raise ModelError(
            f"sql/macros/{path.name}: expected one 'create macro [layer.]{path.stem}(...) as ...' "
            "in lower case after the comment"
        )
    return match


def _macro(match: re.Match[str], where: str, known: list[str], thresholds: frozenset[str]) -> Macro:
    name, body, is_table = match["name"], match["body"], match["table"] is not None
    if is_table != (name.rpartition(".")[0] in READABLE) or (not is_table and "." in name):
        raise ModelError(
            f"{where}: a table macro's name has a layer ({', '.join(READABLE)}), "
            "a scalar macro's has none"
        )
    names = names_of(body if is_table else f"select {body}", where)
    macros = called(names, known, where, thresholds)
    return Macro(name, match["parameters"], body, is_table, names.tables, macros)


def _place(
    name: str, macros: dict[str, Macro], ordered: dict[str, Macro], callers: tuple[str, ...]
) -> None:
    """Put a macro into the order after those that it calls."""
    if name in callers:
        raise ModelError(f"macros call each other in a circle: {[*callers, name]}")
    for other in sorted(macros[name].macros):
        _place(other, macros, ordered, (*callers, name))
    ordered.setdefault(name, macros[name])


def tables_behind(names: Iterable[str], macros: Mapping[str, Macro]) -> frozenset[str]:
    """Return the tables that macros read, themselves or through the macros that they call."""
    tables: set[str] = set()
    for name in names:
        tables |= macros[name].tables | tables_behind(macros[name].macros, macros)
    return frozenset(tables)


def create_macros(
    con: duckdb.DuckDBPyConnection, macros: Iterable[Macro], database: str = ""
) -> None:
    """Create macros whose tables are there, in the order given.

    Raises
    ------
    ModelError
        DuckDB refuses one.
    """
    for macro in macros:
        try:
            con.execute(macro.statement(database))
        except duckdb.Error as error:
            raise ModelError(f"sql/macros: macro '{macro.name}': {error}") from error

"""The model runner: reads ``sql/``, derives the order, runs every model.

A model is ``sql/<layer>/<name>.toml`` with ``<name>.sql`` (one SELECT) or a Python function
beside it, or a table ``union`` or ``pivot`` in it, from which the SELECT follows
(`pipelines.runner.unions`). Dependencies are the tables that the SELECT names, itself or
through the macros that it calls, found in DuckDB's own parse tree, so that nobody keeps
a list by hand.
"""

from __future__ import annotations

import graphlib
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.catalogue.marts import marts
from pipelines.catalogue.schema import read_schema
from pipelines.core import paths
from pipelines.core.errors import ModelError, SchemaDrift
from pipelines.runner import fields, unions
from pipelines.runner.macros import (
    Macro,
    called,
    read_macros,
    read_thresholds,
    tables_behind,
)
from pipelines.runner.parts import Parts
from pipelines.runner.rows import one_row
from pipelines.runner.statements import names_of

LAYERS = ("staging", "indicators", "typologies", "marts")
GIVEN = ("raw", "seeds")
_SIDECAR_KEYS = frozenset(
    "description grain primary_key python inputs union pivot part_of".split()
    + "sources fields from also_from override".split()
)


@dataclass(frozen=True)
class Model:
    """One table: its layer, its statement or function, and its sidecar.

    ``inputs`` are the tables that it reads, ``macros`` the macros that its statement calls.
    """

    layer: str
    name: str
    sidecar: dict[str, Any]
    sql: str | None
    inputs: frozenset[str]
    macros: frozenset[str] = frozenset()

    @property
    def table(self) -> str:
        """Schema and name, for instance ``marts.regions``."""
        return f"{self.layer}.{self.name}"

    @property
    def columns(self) -> dict[str, dict[str, Any]]:
        """What is known of each column, in order (:mod:`pipelines.runner.fields`)."""
        columns: dict[str, dict[str, Any]] = self.sidecar["columns"]
        return columns

    @property
    def made_by(self) -> str:
        """Where the statement or function stands that makes the table."""
        stated = self.sidecar.get("made_by") or self.sidecar.get("python")
        return str(stated or f"sql/{self.layer}/{self.name}.sql")


def read_model(
    sidecar_path: Path,
    macros: Mapping[str, Macro] | None = None,
    thresholds: frozenset[str] = frozenset(),
    known_fields: Mapping[str, dict[str, Any]] | None = None,
) -> Model:
    """Read one model from its sidecar and the statement beside it.

    ``macros`` are those that the statement may call, ``thresholds`` the names of the seed,
    ``known_fields`` those of ``sql/fields.toml``, read here where they are not given.
    """
    layer, where = sidecar_path.parent.name, f"sql/{sidecar_path.parent.name}/{sidecar_path.name}"
    seeds = sidecar_path.parents[1] / "seeds"
    if known_fields is None:
        known_fields = fields.read_fields(sidecar_path.parents[1])
    sidecar = _read_sidecar(sidecar_path, seeds, where, known_fields)
    statement = sidecar_path.with_suffix(".sql")
    sorts = [sort for sort in ("python", "union", "pivot") if sort in sidecar]
    if len(sorts) + statement.exists() != 1:
        raise ModelError(
            f"{where}: needs one of {statement.name}, 'python', 'union' and 'pivot', no more"
        )
    if "python" in sidecar:
        inputs = frozenset(sidecar.get("inputs", ()))
        return Model(layer, sidecar_path.stem, sidecar, None, inputs)
    if "union" in sidecar:
        return Model(layer, sidecar_path.stem, sidecar, None, frozenset())
    if "pivot" in sidecar:
        sql = unions.pivot_select(sidecar, seeds, where)
    else:
        sql = statement.read_text("utf-8").strip().rstrip(";")
    callable_macros, place = dict(macros or {}), f"sql/{layer}/{statement.name}"
    names = names_of(sql, place)
    calls = called(names, callable_macros, place, thresholds)
    inputs = names.tables | tables_behind(calls, callable_macros)
    return Model(layer, sidecar_path.stem, sidecar, sql, inputs, calls)


def _read_sidecar(
    path: Path, seeds: Path, where: str, known_fields: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    sidecar = fields.read_toml(path, where)
    for key in ("description", "grain", "primary_key", "fields"):
        if key not in sidecar:
            raise ModelError(f"{where}: '{key}' is missing")
    if unknown := sorted(set(sidecar) - _SIDECAR_KEYS):
        raise ModelError(f"{where}: unknown keys {unknown}; allowed: {sorted(_SIDECAR_KEYS)}")
    sidecar["columns"] = fields.columns_of(sidecar, known_fields, where)
    return unions.with_seed_columns(sidecar, seeds, where)


def _catalogue_models(known_fields: Mapping[str, dict[str, Any]]) -> list[Model]:
    """Return the catalogue's marts, which its schema makes."""
    return [
        Model("marts", name, sidecar, sql, names_of(sql, f"{sidecar['made_by']}, {name}").tables)
        for name, sidecar, sql in marts(read_schema(paths.catalogue_dir()), known_fields)
    ]


def _read_all(folder: Path | None) -> list[Model]:
    known_fields = fields.read_fields(folder)
    models = [] if folder else _catalogue_models(known_fields)
    folder = folder or paths.sql_dir()
    macros, thresholds = read_macros(folder), frozenset(read_thresholds(folder))
    for layer in LAYERS:
        models += [
            read_model(path, macros, thresholds, known_fields)
            for path in sorted((folder / layer).glob("*.toml"))
        ]
        for statement in (folder / layer).glob("*.sql"):
            if not statement.with_suffix(".toml").exists():
                raise ModelError(f"sql/{layer}/{statement.name}: has no sidecar")
    return [_united(m, models) if "union" in m.sidecar else m for m in models]


def read_models(folder: Path | None = None) -> list[Model]:
    """Read every model and return them in an order that respects dependencies.

    Without a folder: those of the project, with the marts that the catalogue's schema makes.

    Raises
    ------
    ModelError
        A model reads a later layer, an unknown table, or itself through others.
    """
    models = _read_all(folder)
    by_table = {m.table: m for m in models}
    for model in models:
        for table in model.inputs:
            schema = table.split(".")[0]
            if schema in GIVEN:
                continue
            if table not in by_table:
                raise ModelError(f"{model.table}: reads '{table}', which no model makes")
            if LAYERS.index(schema) > LAYERS.index(model.layer):
                raise ModelError(f"{model.table}: reads '{table}' of a later layer")
    graph = {m.table: {t for t in m.inputs if t in by_table} for m in models}
    try:
        return [by_table[t] for t in graphlib.TopologicalSorter(graph).static_order()]
    except graphlib.CycleError as error:
        raise ModelError(f"models read each other in a circle: {error.args[1]}") from error


def _united(union: Model, models: list[Model]) -> Model:
    """Give a union the SELECT over its parts."""
    parts = {m.table: m.sidecar for m in models if m.sidecar.get("part_of") == union.name}
    sql = unions.model_union(union.table, union.sidecar, parts)
    return replace(union, sql=sql, inputs=frozenset(parts))


def _function(model: Model) -> Callable[..., Any]:
    module, _, name = model.sidecar["python"].partition(":")
    try:
        function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ModelError(f"{model.table}: no function '{model.sidecar['python']}'") from error
    return function


def run_model(
    con: duckdb.DuckDBPyConnection, model: Model, database: str = "", parts: Parts | None = None
) -> int:
    """Create one table and return its number of rows.

    With a ``database``, the name of an attached one, the table stands there and nowhere else: a
    view of its name makes it readable as if it were here. With ``parts``, what a function made of
    the same inputs before is taken again.
    """
    target = f"{database}.{model.table}" if database else model.table
    if model.sql is not None:
        try:
            con.execute(f"create table {target} as {model.sql}")
        except duckdb.Error as error:
            raise ModelError(f"{model.table}: {error}") from error
    else:
        result = _made(con, model, parts)  # noqa: F841 - read by DuckDB below
        casts = ", ".join(f'"{c}"::{f["type"]} as "{c}"' for c, f in model.columns.items())
        try:
            con.execute(f"create table {target} as select {casts} from result")
        except duckdb.Error as error:
            raise ModelError(f"{model.table}: {error}") from error
    if database:
        con.execute(f"create view {model.table} as from {target}")
    check_columns(con, model.table, {c: f["type"] for c, f in model.columns.items()})
    (rows,) = one_row(con.execute(f"select count(*) from {model.table}"))
    return int(rows)


def _made(con: duckdb.DuckDBPyConnection, model: Model, parts: Parts | None) -> pa.Table:
    """Return what a model's function gives, made now or before."""
    inputs = sorted(model.inputs)

    def make() -> pa.Table:
        return _function(model)({t: con.sql(f"from {t}").to_arrow_table() for t in inputs})

    return parts.table(con, model.table, inputs, make) if parts else make()


def check_columns(con: duckdb.DuckDBPyConnection, table: str, declared: dict[str, str]) -> None:
    """Compare a table's columns and types with those declared, both ways.

    Raises
    ------
    SchemaDrift
        Lists each column that is missing, undeclared or of another type.
    """
    columns = {row[0]: row[1] for row in con.execute(f"describe {table}").fetchall()}
    findings = [f"'{c}' is declared but not there" for c in declared if c not in columns]
    findings += [f"'{c}' ({t}) is not declared" for c, t in columns.items() if c not in declared]
    findings += [
        f"'{c}' is {columns[c]}, declared is {t}"
        for c, t in declared.items()
        if c in columns and columns[c] != t
    ]
    if findings:
        raise SchemaDrift(f"{table}: column " + "; column ".join(findings))

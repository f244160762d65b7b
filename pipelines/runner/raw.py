"""Load the raw layer: embedded files, fetched files where they are, and seeds."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.catalogue import load as catalogue
from pipelines.core import paths
from pipelines.core.errors import ModelError, SchemaDrift, SourceMissing, SourceUnreadable
from pipelines.core.registry import Source, path_in, verified_path
from pipelines.runner.fields import columns_of, read_fields, read_toml
from pipelines.runner.models import check_columns
from pipelines.runner.unions import raw_unions

_SEED_KEYS = frozenset({"description", "source", "fields", "override"})


def load_raw(
    con: duckdb.DuckDBPyConnection, registry: dict[str, Source], sources_dir: Path | None
) -> dict[str, Path]:
    """Create the tables of schema ``raw``; return the file behind each present source.

    A fetched source whose file is not in ``sources_dir`` gives an empty table, so
    that every model always runs and later finds no rows rather than no table. Tables
    whose declarations name a union can be read through it as one.
    """
    con.execute("create schema if not exists raw")
    present: dict[str, Path] = {}
    for source in registry.values():
        if source.kind == "catalogue":
            present[source.name] = verified_path(source, paths.catalogue_dir())
        if not source.raw_table:
            continue
        if source.kind == "embedded":
            present[source.name] = verified_path(source, paths.embedded_dir())
            _load_parquet(con, source, present[source.name])
        elif source.kind == "fetched" and sources_dir and path_in(source, sources_dir).is_file():
            present[source.name] = verified_path(source, sources_dir)
            _load_fetched(con, source, present[source.name])
        else:
            columns = ", ".join(f'"{c}" {t}' for c, t in source.columns.items())
            con.execute(f"create table raw.{source.raw_table} ({columns})")
    for name, statement in raw_unions(registry).items():
        con.execute(f"create view raw.{name} as {statement}")
    return present


def load_catalogue(con: duckdb.DuckDBPyConnection, settlements: pa.Table) -> None:
    """Create ``raw.catalogue__<table>`` from the catalogue's files, if all of them are sound.

    Parameters
    ----------
    con
        The database that is being built.
    settlements
        As in :func:`pipelines.catalogue.load.check`.

    Raises
    ------
    CheckFailed
        The catalogue breaks a rule; the message lists every finding.
    """
    for name, rows in catalogue.load(settlements=settlements).items():
        con.register("catalogue_rows", rows)
        con.execute(f"create table raw.catalogue__{name} as from catalogue_rows")
        con.unregister("catalogue_rows")


def _load_parquet(con: duckdb.DuckDBPyConnection, source: Source, path: Path) -> None:
    table = f"raw.{source.raw_table}"
    columns = ", ".join(f'"{c}"' for c in source.columns)
    try:
        con.execute(f"create table {table} as select {columns} from read_parquet(?)", [str(path)])
    except duckdb.BinderException as error:
        raise SchemaDrift(f"{path.name}: {error}") from error
    except duckdb.Error as error:
        raise SourceUnreadable(f"{path}: not readable as Parquet ({error})") from error
    check_columns(con, table, source.columns)


def _load_fetched(con: duckdb.DuckDBPyConnection, source: Source, path: Path) -> None:
    module, _, name = source.reader.partition(":")
    if not name:
        raise SourceUnreadable(f"geodata/sources/{source.name}.toml: no reader is declared")
    result = getattr(importlib.import_module(module), name)(path, source)  # noqa: F841
    casts = ", ".join(f'"{c}"::{t} as "{c}"' for c, t in source.columns.items())
    table = f"raw.{source.raw_table}"
    try:
        con.execute(f"create table {table} as select {casts} from result")
    except duckdb.Error as error:
        raise SchemaDrift(f"{path.name}: {error}") from error


def read_seed(sidecar_path: Path, known_fields: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """Return the type of each column of a seed, by name.

    Raises
    ------
    ModelError
        The sidecar names no columns, has an unknown key, or lists what is no known field.
    """
    where = f"sql/seeds/{sidecar_path.name}"
    sidecar = read_toml(sidecar_path, where)
    if unknown := sorted(set(sidecar) - _SEED_KEYS):
        raise ModelError(f"{where}: unknown keys {unknown}; allowed: {sorted(_SEED_KEYS)}")
    if "fields" not in sidecar:
        raise ModelError(f"{where}: 'fields' is missing")
    return {name: facts["type"] for name, facts in columns_of(sidecar, known_fields, where).items()}


def load_seeds(con: duckdb.DuckDBPyConnection, folder: Path | None = None) -> None:
    """Create the tables of schema ``seeds`` from ``sql/seeds/*.csv`` and their sidecars.

    Every cell is read as text first and cast to its declared type after, so that
    the country code ``NA`` or ``NO`` stays a code.
    """
    folder = folder or paths.sql_dir() / "seeds"
    con.execute("create schema if not exists seeds")
    files = sorted(folder.glob("*.csv"))
    known_fields = read_fields(folder.parent)
    if not files:
        raise SourceMissing(f"no seeds in {folder}")
    for path in files:
        sidecar_path = path.with_suffix(".toml")
        if not sidecar_path.exists():
            raise ModelError(f"sql/seeds/{path.name}: has no sidecar")
        columns = read_seed(sidecar_path, known_fields)
        casts = ", ".join(f'"{c}"::{t} as "{c}"' for c, t in columns.items())
        texts = "{" + ", ".join(f"'{c}': 'VARCHAR'" for c in columns) + "}"
        try:
            con.execute(
                f"create table seeds.{path.stem} as select {casts} from read_csv(?, header=true, "
                f"auto_detect=false, delim=',', quote='\"', escape='\"', nullstr='', "
                f"strict_mode=true, columns={texts})",
                [str(path)],
            )
        except duckdb.Error as error:
            raise SourceUnreadable(f"sql/seeds/{path.name}: {error}") from error

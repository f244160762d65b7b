"""Load the raw layer: embedded files, and fetched files where they are."""

from __future__ import annotations

import importlib
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.catalogue import load as catalogue
from pipelines.core import paths
from pipelines.core.errors import SchemaDrift, SourceUnreadable
from pipelines.core.findings import refusal
from pipelines.core.registry import Source, path_in, verified_path
from pipelines.runner.models import check_columns
from pipelines.runner.rawchecks import check_codes, file_findings
from pipelines.runner.unions import raw_unions


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
    check_codes(con, registry.values(), present)
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
    try:
        file = con.read_parquet(str(path))
        types = {name: str(kind) for name, kind in zip(file.columns, file.types, strict=True)}
    except duckdb.Error as error:
        raise SourceUnreadable(f"{path}: not readable as Parquet ({error})") from error
    if missing := [name for name in source.columns if name not in types]:
        raise SchemaDrift(
            f"{path.name}, field {', '.join(missing)}: there is no such column; the file has "
            f"{', '.join(types)}"
        )
    if findings := file_findings(con, source, path, types):
        raise refusal(findings)
    columns = ", ".join(f'"{c}"' for c in source.columns)
    table = f"raw.{source.raw_table}"
    try:
        con.execute(f"create table {table} as select {columns} from read_parquet(?)", [str(path)])
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

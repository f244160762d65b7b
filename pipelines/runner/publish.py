"""Atomic publication of a database, and the pointer that readers follow.

A build writes a file of its own, checks it, and gives it a name that was never used
before; then ``current.json`` is replaced in one step. Readers open the file that the
pointer names and never see half a database (docs/decisions.md, 3).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path

import duckdb

from pipelines.core.database import open_published
from pipelines.core.errors import CheckFailed, TargetUnwritable
from pipelines.core.pointer import POINTER, Pointer, digest
from pipelines.io.locks import holding
from pipelines.runner.parts import FOLDER as PARTS
from pipelines.runner.rows import one_row

HELD_VERSIONS = 2
#: What DuckDB raises for a damaged file; text that is no UTF-8 comes as one of the last two.
UNREADABLE = (duckdb.Error, RuntimeError, ValueError, OverflowError)


@contextlib.contextmanager
def build_lock(folder: Path) -> Iterator[None]:
    """Hold the one lock of a build folder.

    Raises
    ------
    BuildLocked
        Another build holds it.
    TargetUnwritable
        The folder cannot be made or written.
    """
    wait = "another build is at work here. Wait for it to end"
    elsewhere = "or build into another folder with --out."
    with holding(folder / "build.lock", folder, f"{wait}, {elsewhere}"):
        yield


def attach(
    con: duckdb.DuckDBPyConnection, draft: Path, schemas: Iterable[str], database: str
) -> None:
    """Begin a new file for the published tables, beside the database that is being built.

    Parameters
    ----------
    con
        The database that is being built.
    draft
        The new file.
    schemas
        Schemas that it gets.
    database
        The name under which ``con`` knows it.
    """
    escaped = str(draft).replace("'", "''")
    con.execute(f"attach '{escaped}' as {database}")
    for schema in schemas:
        con.execute(f"create schema {database}.{schema}")


def detach(con: duckdb.DuckDBPyConnection, database: str) -> None:
    """Close the new file in order."""
    con.execute(f"checkpoint {database}")
    con.execute(f"detach {database}")


def content_hash(path: Path) -> tuple[str, dict[str, int]]:
    """Read every row of every table of a closed database; return a hash and row counts.

    The hash does not depend on the order of rows. Reading every row also finds a
    damaged block, which counting rows would not.
    """
    total, rows = 0, {}
    try:
        with open_published(path) as con:
            tables = con.execute(
                "select table_schema || '.' || table_name from information_schema.tables order by 1"
            ).fetchall()
            names = [name for (name,) in tables]
            with ThreadPoolExecutor(2) as readers:
                for table, count, value in readers.map(partial(_table_hash, con), names):
                    rows[table] = count
                    total ^= value
    except UNREADABLE as error:
        raise CheckFailed(f"{path.name}: the new database cannot be read back ({error})") from error
    return f"{total:016x}", rows


def _table_hash(con: duckdb.DuckDBPyConnection, table: str) -> tuple[str, int, int]:
    """Read every row of a table; return its name, how many they are, and a hash of all."""
    with con.cursor() as own:
        count, value = one_row(own.execute(f"select count(*), bit_xor(hash(t)) from {table} as t"))
        (mixed,) = one_row(own.execute("select hash(?, ?, ?)", [table, count, value or 0]))
    return table, count, mixed


def digests(draft: Path, maps: Path, name: str) -> dict[str, str]:
    """Return the SHA-256 of a draft and its map files, under the names they will have."""
    stem = Path(name).stem
    drawn = {f"{stem}.maps/{path.name}": digest(path) for path in sorted(maps.iterdir())}
    return {name: digest(draft)} | drawn


def publish(draft: Path, folder: Path, pointer: Pointer) -> Path:
    """Move a checked draft into place and point readers to it; prune old files."""
    if draft.with_name(draft.name + ".wal").exists():
        raise CheckFailed(f"{draft.name}: was not closed in order (a write-ahead log is left)")
    try:
        with draft.open("rb") as stream:
            os.fsync(stream.fileno())
        target = folder / pointer.file
        os.replace(draft, target)
        write_atomically(folder / POINTER, json.dumps(asdict(pointer), indent=2) + "\n")
        _sync_folder(folder)
    except OSError as error:
        raise TargetUnwritable(f"{folder}: cannot be written ({error.strerror})") from error
    prune(folder, keep=pointer.file)
    return target


def write_atomically(path: Path, text: str) -> None:
    """Write a small text file so that a reader sees the old or the new one, never half."""
    draft = path.with_name(f".{path.name}.tmp")
    with draft.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(draft, path)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _moment(path: Path) -> tuple[float, str]:
    return path.stat().st_mtime, path.name.rpartition("-")[2]


def prune(folder: Path, keep: str) -> None:
    """Remove all but the newest published files; copies of one moment go by their name's."""
    old = sorted(folder.glob("mart-*.duckdb"), key=_moment, reverse=True)
    doomed = [p for p in old if p.name != keep][HELD_VERSIONS - 1 :]
    doomed_maps = [p for p in folder.glob("mart-*.maps") if not p.with_suffix(".duckdb").exists()]
    for path in doomed:
        shutil.rmtree(path.with_suffix(".maps"), ignore_errors=True)
        # On Windows an open file stays; the next build removes it.
        with contextlib.suppress(OSError):
            path.unlink()
    for path in doomed_maps:
        shutil.rmtree(path, ignore_errors=True)


def remove_drafts(folder: Path) -> None:
    """Remove what killed builds left. Only who holds the lock may: all drafts are dead then."""
    drafts = [*folder.glob(".draft-*"), *folder.glob(f"{PARTS}/.draft-*")]
    for path in [*drafts, folder / f".{POINTER}.tmp"]:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                path.unlink()

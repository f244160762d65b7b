"""Flipped bytes in embedded files, pointers and databases; a clock that goes back."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines.core import paths
from pipelines.core.errors import HinterlandError
from pipelines.core.pointer import POINTER, damage, read_pointer
from pipelines.core.registry import read_registry, verified_path
from pipelines.runner import publish
from pipelines.serve.store import Store
from tests.torture import small
from tests.torture.rows import Bench, Row, run


def _flipped(bench: Bench, content: bytes) -> bytes:
    at = bench.dice.randrange(len(content))
    bit = 1 << bench.dice.randrange(8)
    return content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :]


def of_embedded(bench: Bench) -> list[Row]:
    """Flip one bit of each embedded file and of each table of the catalogue: no build takes it."""
    row = Row("a bit flipped in an embedded file")
    folder = bench.folder("embedded")
    for source in read_registry().values():
        if source.kind != "embedded":
            continue
        whole = (paths.embedded_dir() / source.path).read_bytes()
        path = folder / source.path
        path.parent.mkdir(parents=True, exist_ok=True)
        for _ in range(bench.times(3, 100)):
            path.write_bytes(_flipped(bench, whole))
            row.tried += 1
            row.files += 1
            try:
                verified_path(source, folder)
                row.wrong += 1
            except HinterlandError:
                row.refused += 1
    return [row]


def of_databases(bench: Bench) -> list[Row]:
    """Flip bits of a database: it is called damaged, and no reader has other rows."""
    row = Row("a bit flipped in a database")
    folder = bench.folder("database")
    pointer = small.draft(folder, 7)
    small.put(folder, pointer)
    path = folder / pointer.file
    whole = path.read_bytes()
    for _ in range(bench.times(40, 1_000)):
        path.write_bytes(_flipped(bench, whole))
        row.tried += 1
        row.files += 1
        row.lost += not damage(folder, pointer)
        try:
            for table in ("marts.regions", "marts.towns"):
                rows = Store(folder, pointer).rows(f"select number, i from {table}")  # noqa: S608
                row.wrong += sum(r["number"] != 7 for r in rows) + abs(len(rows) - small.ROWS)
        except HinterlandError:
            row.refused += 1
        except Exception:
            row.tracebacks += 1
    path.write_bytes(whole)
    row.lost += bool(damage(folder, pointer))
    return [row, *_of_the_built_one(bench)]


def _of_the_built_one(bench: Bench) -> list[Row]:
    """Flip bits of the whole database; ``hinterland check`` says so."""
    row = Row("a bit flipped in the built database, hinterland check")
    home = bench.folder("built")
    shutil.copytree(bench.home / "build", home / "build")
    pointer = read_pointer(home / "build")
    path = home / "build" / pointer.file
    for turn in range(bench.times(1, 20)):
        with path.open("r+b") as stream:
            at = bench.dice.randrange(path.stat().st_size)
            stream.seek(at)
            byte = stream.read(1)
            stream.seek(at)
            stream.write(bytes([byte[0] ^ 1]))
        row.files += 1
        row.lost += not damage(home / "build", pointer)
        if bench.is_long or not turn:
            row.lost += not row.ended(run("check", home=home))
        with path.open("r+b") as stream:
            stream.seek(at)
            stream.write(byte)
    return [row]


def of_pointers(bench: Bench) -> list[Row]:
    """Flip bits of the pointer: it is refused, or names the same whole files."""
    row = Row("a bit flipped in the pointer")
    folder = bench.folder("pointer")
    pointer = small.draft(folder, 7)
    small.put(folder, pointer)
    path = folder / POINTER
    whole = path.read_bytes()
    for _ in range(bench.times(150, 5_000)):
        path.write_bytes(_flipped(bench, whole))
        row.tried += 1
        row.files += 1
        try:
            read = read_pointer(folder)
            # A damaged checksum is found by who compares it; the file that is named is right.
            row.wrong += read.file != pointer.file
        except HinterlandError:
            row.refused += 1
        except Exception:
            row.tracebacks += 1
    path.write_bytes(whole)
    return [row]


def of_clocks(bench: Bench) -> list[Row]:
    """Publish while the clock goes back and jumps: readers have the last one, whole."""
    row = Row("databases published while the clock goes back")
    folder = bench.folder("clock")
    now = datetime.now(UTC)
    for number in range(bench.times(10, 100)):
        moment = now + timedelta(days=bench.dice.uniform(-20_000, 3_000))
        small.put(folder, small.draft(folder, number, moment))
        for path in folder.glob("mart-*"):  # as if the disk had that time, too
            stamp = (now + timedelta(days=bench.dice.uniform(-10_000, 3_000))).timestamp()
            os.utime(path, (stamp, stamp))
        row.tried += 1
        row.swaps += 1
        row.lost += bool(damage(folder, read_pointer(folder)))
        numbers = Store.current(folder).column("select distinct number from marts.towns")
        row.wrong += numbers != [number]
        row.lost += len(list(folder.glob("mart-*.duckdb"))) > publish.HELD_VERSIONS
    return [row, *_of_a_future_database(bench)]


def _of_a_future_database(bench: Bench) -> list[Row]:
    """Read a database that was built in the future: the commands say so and work."""
    row = Row("a database of the future, hinterland status")
    home = bench.own_home("future")
    folder = home / "build"
    pointer = read_pointer(folder)
    for moment in ("2099-01-01T00:00:00+00:00", "0001-01-01T00:00:00+00:00")[: bench.times(1, 2)]:
        later = replace(pointer, built_at=moment)
        text = (folder / POINTER).read_text("utf-8").replace(pointer.built_at, later.built_at)
        Path(folder / POINTER).write_text(text, "utf-8")
        row.ended(run("status", home=home))
        row.lost += bool(damage(folder, read_pointer(folder)))
    return [row]

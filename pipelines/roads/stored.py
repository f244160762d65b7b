"""Keep matrices where the build finds them, as if they had been fetched."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.core import paths
from pipelines.core.errors import InputError
from pipelines.core.findings import refuse
from pipelines.io import matrices, notes
from pipelines.io.atomic import writing
from pipelines.io.locks import holding
from pipelines.io.matrices import StoredMatrix

LOCK = "matrices.lock"
_NO_NAME = re.compile(r"[^a-z0-9_-]+")


def name_of(extract: str, to: str, mode: str) -> str:
    """Return the name under which a matrix of an extract is stored.

    The same extract, destinations and mode give the same name: a newer one takes its place.

    Examples
    --------
    >>> name_of("Andorra-latest.osm.pbf", "towns", "car")
    'andorra-latest-towns-car'
    """
    stem = extract.lower().removesuffix(".pbf").removesuffix(".osm").removesuffix(".parquet")
    words = _NO_NAME.sub("-", f"{stem}-{to}-{mode}").strip("-")
    return words[:100]


def store(folder: Path, matrix: Path, name: str, settlements: Collection[int]) -> StoredMatrix:
    """Put a matrix into the folder of stored ones, in place of one of its name.

    Parameters
    ----------
    folder : Path
        Made where it is not there.
    matrix : Path
        As :func:`pipelines.roads.run.run` writes it.
    name : str
        See :func:`name_of`.
    settlements : collection of int
        Every geonameid that may be an origin.

    Raises
    ------
    InputError
        The matrix is wrong, see :func:`pipelines.io.matrices.read_matrix_file`; it has no
        rows, or an origin is no settlement. What was stored before stays.
    TargetUnwritable
        The folder cannot be written.
    BuildLocked
        Another command is at work in the folder.
    """
    table = matrices.read_matrix_file(matrix)
    _refuse_origins(matrix, table, settlements)
    facts = matrices.facts_of(table)
    with _alone(folder):
        digest = matrices.digest_of(matrix)
        entry = StoredMatrix(
            name=name,
            sha256=digest,
            extract=facts["extract"],
            extract_sha256=facts["extract_sha256"],
            snapshot=facts["snapshot"],
            engine=facts["engine"],
            mode=", ".join(sorted(pc.unique(table["mode"]).to_pylist())),
            stored=notes.now(),
            origins=pc.count_distinct(table["origin"]).as_py(),
            destinations=pc.count_distinct(table["destination"]).as_py(),
            pairs=table.num_rows,
        )
        # The index is the moment: before it the older file is whole, after it the newer one.
        with writing(folder / entry.file) as draft:
            shutil.copyfile(matrix, draft)
            if matrices.digest_of(draft) != digest:
                raise InputError(f"{matrix.name}: changed while it was stored; store it again")
        others = [e for e in matrices.read_index(folder / matrices.INDEX) if e.name != name]
        _write(folder, [*others, entry])
    return entry


def remove(folder: Path, name: str) -> StoredMatrix:
    """Take a stored matrix away.

    Raises
    ------
    InputError
        None is stored under this name.
    """
    entries = matrices.read_index(folder / matrices.INDEX)
    by_name = {entry.name: entry for entry in entries}
    if name not in by_name:
        there = ", ".join(by_name) or "none is stored"
        raise InputError(f"--remove: no matrix is stored as '{name}'; there are: {there}")
    with _alone(folder):
        _write(folder, [entry for entry in entries if entry.name != name])
    return by_name[name]


def _write(folder: Path, entries: list[StoredMatrix]) -> None:
    """Write the index and its notes, then take away what no entry names."""
    index = folder / matrices.INDEX
    if entries:
        _write_index(index, entries)
    else:
        index.unlink(missing_ok=True)
        notes.sidecar(index).unlink(missing_ok=True)
    named = {name for entry in entries for name in entry.files}
    for path in folder.glob("*.parquet"):
        if path.name not in named:
            path.unlink(missing_ok=True)
    for entry in entries:
        newer, older = (folder / name for name in entry.files)
        if newer.is_file():
            older.unlink(missing_ok=True)
    for path in folder.glob(".writing-*"):  # what killed commands left: nobody else is at work
        shutil.rmtree(path, ignore_errors=True)


def _write_index(index: Path, entries: list[StoredMatrix]) -> None:
    matrices.write_index(index, entries)
    dates = sorted(entry.snapshot[:10] for entry in entries if entry.snapshot)
    noted = notes.Fetched(
        url="https://www.openstreetmap.org",
        retrieved=max(entry.stored for entry in entries),
        sha256=matrices.digest_of(index),
        bytes=index.stat().st_size,
        last_update=" to ".join(dict.fromkeys((dates[0], dates[-1]))) if dates else "",
    )
    notes.write_notes(index, noted)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a folder alone, made where it is not there.

    The lock lies beside the engine's steps: in the folder it would be one of the build's inputs.
    """
    path = paths.home() / "roads" / LOCK
    with holding(path, folder, "another command stores a matrix; wait for it to end"):
        yield


def _refuse_origins(path: Path, table: pa.Table, settlements: Collection[int]) -> None:
    if not table.num_rows:
        raise refuse(path, "holds no pairs", allowed="a matrix with rows")
    known = np.fromiter(settlements, np.int64, len(settlements))
    stray = np.flatnonzero(~np.isin(table["origin"].to_numpy(), known))
    if len(stray):
        row = int(stray[0])
        raise refuse(
            path,
            f"origin is no settlement ({len(stray):,} rows in all)",
            found=str(table["origin"][row]),
            allowed="geonameids of the table towns",
            row=row + 1,
        )

"""Read the stored matrices of minutes over OpenStreetMap's roads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from pipelines.io.matrices import COLUMNS, read_stored

if TYPE_CHECKING:
    from pipelines.core.registry import Source


def read_minutes(path: Path, declared: Source) -> pa.Table:
    """Read all stored matrices, one below the other.

    Parameters
    ----------
    path : Path
        The index; see :mod:`pipelines.io.matrices`.
    declared : Source
        Not needed: the format is the program's own.

    Returns
    -------
    pyarrow.Table
        ``matrix`` (its name), ``origin``, ``destination``, ``minutes``, ``mode``.

    Raises
    ------
    SourceUnreadable, ChecksumMismatch, InputError
        As of :func:`pipelines.io.matrices.read_stored`.
    """
    schema = pa.schema([pa.field("matrix", pa.string()), *COLUMNS]).remove_metadata()
    parts = [
        table.add_column(0, "matrix", pa.array([entry.name]).take(_zeros(table.num_rows)))
        .replace_schema_metadata()
        .cast(schema)
        for entry, table in read_stored(path)
    ]
    return pa.concat_tables(parts) if parts else schema.empty_table()


def _zeros(count: int) -> pa.Array:
    return pa.repeat(pa.scalar(0, pa.int64()), count)

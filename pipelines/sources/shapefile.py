"""Read the lines of a publisher's zipped shapefile, and one text field of its table.

Layout: ESRI Shapefile Technical Description (1998) and dBASE III. Never by GDAL, which
picks a driver by a file's content and may follow what it finds there.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from pipelines.core.errors import SchemaDrift, SourceUnreadable
from pipelines.io import archives

_FILE_CODE, _HEADER, _RECORD_HEADER = 9994, 100, 8
_POLYLINES = (3, 13, 23)  # PolyLine, PolyLineZ, PolyLineM: x and y stand at one place in all
_PART_COUNT = 44  # bytes of a record before the list of its parts: type, box, two counts
_DBF_HEADER, _DBF_FIELD, _DBF_END = 32, 32, 0x0D
_CAPS = archives.Caps(max_bytes=600 << 20)


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows of a shapefile.

    Attributes
    ----------
    texts : list of str or None
        The field's value; None where it is empty.
    shapes : ndarray of MultiLineString
        In the file's own coordinates; None where a row has no shape.
    """

    texts: list[str | None]
    shapes: NDArray[np.object_]


def read_lines(path: Path, field: str) -> Lines:
    """Read a zip with one ``.shp`` and its ``.dbf``.

    Parameters
    ----------
    path : Path
    field : str
        Name of the text field, in capitals or not.

    Raises
    ------
    SourceMissing, SourceUnreadable
        No such file; no zip, cut off, unsafe or too large; not one shapefile in it; a
        shape that is no line; table and shapes of different length.
    SchemaDrift
        The table has no such field.
    """
    archives.check_zip(path, _CAPS)
    with zipfile.ZipFile(path) as archive:
        raw = {suffix: _member(path, archive, suffix) for suffix in (".shp", ".dbf")}
    try:
        shapes = _polylines(path, raw[".shp"])
    except (ValueError, IndexError) as error:
        raise SourceUnreadable(
            f"{path}: its .shp is cut off or damaged ({error}). Fetch it again."
        ) from error
    texts = _texts(path, raw[".dbf"], field)
    if len(texts) != len(shapes):
        raise SourceUnreadable(
            f"{path}: {len(shapes)} shapes in the .shp, {len(texts)} rows in the .dbf; as many"
            " are expected. Fetch it again."
        )
    return Lines(texts, shapes)


def _member(path: Path, archive: zipfile.ZipFile, suffix: str) -> bytes:
    names = [name for name in archive.namelist() if name.lower().endswith(suffix)]
    if len(names) != 1:
        raise SourceUnreadable(
            f"{path}: {len(names)} members end in {suffix}, one is expected; it holds "
            f"{', '.join(archive.namelist()[:6]) or 'nothing'}."
        )
    try:
        return archive.read(names[0])
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise SourceUnreadable(
            f"{path}: member {names[0]} cannot be unpacked ({error}). Fetch it again."
        ) from error


def _polylines(path: Path, raw: bytes) -> NDArray[np.object_]:
    """Return the shape of each record."""
    if len(raw) < _HEADER or int.from_bytes(raw[:4], "big") != _FILE_CODE:
        raise SourceUnreadable(
            f"{path}: its .shp begins with {raw[:4]!r}, not with file code {_FILE_CODE}."
        )
    parts: list[NDArray[np.float64]] = []
    owner: list[int] = []
    at, row = _HEADER, 0
    while at < len(raw):
        size = 2 * int.from_bytes(raw[at + 4 : at + 8], "big")
        record = raw[at + _RECORD_HEADER : at + _RECORD_HEADER + size]
        if len(record) < max(size, 4) or not size:
            raise ValueError(f"record {row + 1} should have {size} bytes, {len(record)} are there")
        kind = int.from_bytes(record[:4], "little")
        if kind not in (0, *_POLYLINES):
            raise SourceUnreadable(
                f"{path}: row {row + 1}: shape of type {kind}; lines are allowed"
                f" ({', '.join(map(str, _POLYLINES))})."
            )
        if kind:
            some = _parts(record)
            parts += some
            owner += [row] * len(some)
        at += _RECORD_HEADER + size
        row += 1
    return _multilines(parts, owner, row)


def _parts(record: bytes) -> list[NDArray[np.float64]]:
    """Return the coordinates of each part of one record."""
    parts, points = np.frombuffer(record, "<i4", 2, 36)
    start = np.frombuffer(record, "<i4", parts, _PART_COUNT)
    xy = np.frombuffer(record, "<f8", 2 * points, _PART_COUNT + 4 * parts).reshape(-1, 2)
    if not len(start) or start[0] != 0 or (np.diff(start) < 2).any() or points - start[-1] < 2:
        raise ValueError("a part with fewer than two points")
    return np.split(xy, start[1:])


def _multilines(
    parts: list[NDArray[np.float64]], owner: list[int], rows: int
) -> NDArray[np.object_]:
    shapes = np.full(rows, None, dtype=object)
    if parts:
        index = np.repeat(np.arange(len(parts)), [len(xy) for xy in parts])
        lines = np.asarray(shapely.linestrings(np.concatenate(parts), indices=index))
        shapes[np.unique(owner)] = shapely.multilinestrings(
            lines, indices=np.unique(owner, return_inverse=True)[1]
        )
    return shapes


def _texts(path: Path, raw: bytes, field: str) -> list[str | None]:
    """Return one field of the table."""
    counts = ((4, 8), (8, 10), (10, 12))
    rows, header, size = (int.from_bytes(raw[a:b], "little") for a, b in counts)
    if len(raw) < header + rows * size or header < _DBF_HEADER:
        raise SourceUnreadable(
            f"{path}: its .dbf should have {rows} rows of {size} bytes; it is cut off."
            " Fetch it again."
        )
    names, at = [], 1  # each row begins with a mark of deletion
    for first in range(_DBF_HEADER, header - 1, _DBF_FIELD):
        if raw[first] == _DBF_END:
            break
        name = raw[first : first + 11].split(b"\0")[0].decode("ascii", "replace")
        width = raw[first + 16]
        if name.lower() == field:
            table = np.frombuffer(raw, f"S{size}", rows, header)
            cells = [bytes(row)[at : at + width].strip(b" \0") for row in table.tolist()]
            return [cell.decode("utf-8", "replace") or None for cell in cells]
        names.append(name)
        at += width
    raise SchemaDrift(f"{path}: no field '{field}'; it has {sorted(names)}.")

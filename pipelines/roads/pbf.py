"""What an OpenStreetMap extract says of itself, read without any library of OpenStreetMap.

A PBF file is a row of blobs, each behind a length and a small header. Walking over the
headers tells within a second whether a file of gigabytes is whole; the first blob states the
box, the date of the data and what a reader has to know. Source of the format:
https://wiki.openstreetmap.org/wiki/PBF_Format
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from pipelines.core.areas import Area
from pipelines.core.errors import InputError
from pipelines.core.findings import refuse

#: The format's own bounds of a blob's header and of a blob.
_MOST_HEADER = 64 * 1024
_MOST_BLOB = 32 * 1024 * 1024
_PACKED = {1: "", 3: "zlib", 4: "lzma", 5: "bzip2", 6: "lz4", 7: "zstd"}
_ALLOWED = "an OpenStreetMap extract in PBF, X.osm.pbf"
_HEADER_BOX, _HEADER_TIMESTAMP = 1, 32
Fields = dict[int, int | bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """An extract that is whole.

    Attributes
    ----------
    path : Path
    size_mb : float
    sha256 : str
    box : Area or None
        The box that it states (degrees, EPSG:4326).
    snapshot : str or None
        Date and time of the data in UTC, as it states them.
    """

    path: Path
    size_mb: float
    sha256: str
    box: Area | None
    snapshot: str | None


def read_extract(path: Path) -> Extract:
    """Read what an extract states, and see that it is whole.

    Parameters
    ----------
    path : Path
        ``.osm.pbf``.

    Raises
    ------
    InputError
        There is no such file; it is empty, cut off or no PBF, holds no data, or is packed
        with something else than zlib.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            if not size:
                raise refuse(path, "the file is empty", allowed=_ALLOWED)
            stated = _walk(path, stream, size)
            stream.seek(0)
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    return Extract(
        path=path,
        size_mb=size / 1e6,
        sha256=digest,
        box=_box(stated),
        snapshot=_snapshot(stated),
    )


def _walk(path: Path, stream: IO[bytes], size: int) -> Fields:
    """Go over all blobs; return the fields of the header block."""
    stated: Fields | None = None
    position = blocks = 0
    while position < size:
        kind, start, length = _blob_header(path, stream, position, size)
        if stated is None:
            if kind != b"OSMHeader":
                raise refuse(path, "is not OpenStreetMap PBF", allowed=_ALLOWED)
            stated = _header_block(path, stream.read(length))
        else:
            _refuse_packing(path, stream.read(min(length, 16)))
            blocks += kind == b"OSMData"
        position = start + length
        stream.seek(position)
    if not blocks or stated is None:
        raise refuse(path, "holds no data after its header", allowed=_ALLOWED)
    return stated


def _blob_header(path: Path, stream: IO[bytes], position: int, size: int) -> tuple[bytes, int, int]:
    """Return a blob's kind, where it begins and how long it is."""
    length = int.from_bytes(stream.read(4), "big")
    if not 0 < length <= _MOST_HEADER:
        if position:
            raise refuse(path, f"is damaged at byte {position:,}", allowed="a whole extract")
        raise refuse(path, "is not OpenStreetMap PBF", allowed=_ALLOWED)
    try:
        fields = _fields(stream.read(length))
        kind, blob = fields[1], fields[3]
    except (ValueError, KeyError):
        if position + 4 + length > size:
            raise _cut_off(path, size) from None
        raise refuse(path, "is not OpenStreetMap PBF", allowed=_ALLOWED) from None
    if not isinstance(kind, bytes) or not isinstance(blob, int) or not 0 < blob <= _MOST_BLOB:
        raise refuse(path, "is not OpenStreetMap PBF", allowed=_ALLOWED)
    start = position + 4 + length
    if start + blob > size:
        raise _cut_off(path, size)
    return kind, start, blob


def _cut_off(path: Path, size: int) -> InputError:
    return refuse(
        path,
        f"is cut off: it ends after {size:,} bytes, in the middle of a block",
        allowed="a whole extract; download it again",
    )


def _refuse_packing(path: Path, beginning: bytes) -> None:
    """Refuse a blob that is packed in a way that engines do not read."""
    for number, _ in _keys(beginning):
        if number in _PACKED:
            if number not in (1, 3):
                raise refuse(
                    path,
                    f"its blocks are packed with {_PACKED[number]}",
                    allowed="zlib, as downloads are; osmium cat X -o Y.osm.pbf packs anew",
                )
            return


def _header_block(path: Path, blob: bytes) -> Fields:
    """Return the fields of the block that the first blob holds."""
    _refuse_packing(path, blob[:16])
    try:
        fields = _fields(blob)
        raw, packed = fields.get(1), fields.get(3)
        if isinstance(packed, bytes):
            raw = zlib.decompressobj().decompress(packed, _MOST_BLOB)
        if isinstance(raw, bytes):
            return _fields(raw)
    except (ValueError, zlib.error):
        pass
    raise refuse(path, "its header block cannot be read", allowed=_ALLOWED)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data):
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
        if shift > 63:
            break
    raise ValueError("no varint")


def _keys(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield number and wire type of the first fields: numbers are passed over, bytes end it."""
    at = 0
    while at < len(data):
        try:
            key, at = _varint(data, at)
            yield key >> 3, key & 7
            if key & 7:
                return
            _, at = _varint(data, at)
        except ValueError:
            return


def _fields(data: bytes) -> Fields:
    """Return the fields of a protobuf message that are numbers or bytes, the last of each."""
    fields: Fields = {}
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        if key & 7 == 0:
            fields[key >> 3], at = _varint(data, at)
        elif key & 7 == 2:
            length, at = _varint(data, at)
            if at + length > len(data):
                raise ValueError("bytes end early")
            fields[key >> 3] = data[at : at + length]
            at += length
        else:
            raise ValueError("no field of this format")
    return fields


def _box(stated: Fields) -> Area | None:
    """Return the stated box; its sides are zigzag numbers of nanodegrees."""
    part = stated.get(_HEADER_BOX)
    if not isinstance(part, bytes):
        return None
    try:
        fields = _fields(part)
        left, right, top, bottom = (_degrees(fields[number]) for number in (1, 2, 3, 4))
    except (ValueError, KeyError):
        return None
    return Area(west=left, south=bottom, east=right, north=top)


def _degrees(value: int | bytes) -> float:
    if isinstance(value, bytes):
        raise ValueError("no number")
    return ((value >> 1) ^ -(value & 1)) / 1e9


def _snapshot(stated: Fields) -> str | None:
    value = stated.get(_HEADER_TIMESTAMP)
    if not isinstance(value, int) or not 0 < value < 2**33:
        return None
    return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

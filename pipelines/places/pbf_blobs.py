"""The outside of an ``.osm.pbf``: its blocks and its header, read without unpacking the data.

The format is https://wiki.openstreetmap.org/wiki/PBF_Format: a chain of blocks, each with a
small head that says how long it is. So a file that was cut off, packed in a way that cannot be
read here, or of another kind is told in words before anything interprets it.
"""

from __future__ import annotations

import datetime
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipelines.core.errors import InputError
from pipelines.core.findings import refuse

#: The format's own limits.
MOST_HEAD_BYTES = 64 * 1024
MOST_BLOB_BYTES = 32 * 1024 * 1024
READABLE_FEATURES = frozenset({"OsmSchema-V0.6", "DenseNodes"})
ALLOWED = "an .osm.pbf as Geofabrik and osmium write it"
_PACKINGS = {4: "LZMA", 5: "bzip2", 6: "LZ4", 7: "Zstandard"}
_RAW, _ZLIB = 1, 3
#: What precedes a blob's data: its kind and sizes.
_PEEK = 32
_REPACK = "repack it: 'osmium cat FILE -o NEW.osm.pbf'"


@dataclass(frozen=True)
class PbfHeader:
    """What an extract says of itself.

    Attributes
    ----------
    snapshot : datetime.datetime or None
        UTC; None where the file states no date.
    program : str
        What wrote it.
    extent : (west, south, east, north) or None
        Degrees, EPSG:4326.
    """

    snapshot: datetime.datetime | None = None
    program: str = ""
    extent: tuple[float, float, float, float] | None = None


def read_header(path: Path) -> PbfHeader:
    """Walk through a file's blocks and return what its header says.

    Raises
    ------
    InputError
        The file is empty, no ``.osm.pbf``, cut off, a history, or packed otherwise than plainly
        or by zlib.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            return _walk(path, stream, size)
    except OSError as error:
        raise refuse(path, f"cannot be read ({error.strerror or error})") from error


def is_pbf(path: Path) -> bool:
    """Tell by its first bytes whether a file is an ``.osm.pbf``, whatever its name."""
    try:
        with path.open("rb") as stream:
            return b"OSMHeader" in stream.read(64)
    except OSError:
        return False


def _walk(path: Path, stream: BinaryIO, size: int) -> PbfHeader:
    if not size:
        raise refuse(path, "the file is empty", allowed=ALLOWED)
    header = None
    position = 0
    while position < size:
        kind, length = _block_head(path, stream, size, position)
        if header is None and kind != "OSMHeader":
            raise refuse(path, "the file does not begin as an .osm.pbf", allowed=ALLOWED)
        start = stream.tell()
        if start + length > size:
            raise _cut_off(path, size)
        if header is None:
            header = _header(path, _unpacked(path, stream.read(length)))
        else:
            _check_packing(path, stream.read(min(_PEEK, length)), is_data=True)
        position = start + length
        stream.seek(position)
    if header is None or kind == "OSMHeader":
        raise refuse(path, "the file holds a header and no data", allowed=ALLOWED)
    return header


def _block_head(path: Path, stream: BinaryIO, size: int, position: int) -> tuple[str, int]:
    """Return kind and length of the block that begins here."""
    prefix = stream.read(4)
    length = int.from_bytes(prefix, "big")
    if position and (len(prefix) < 4 or position + 4 + length > size):
        raise _cut_off(path, size)
    if not 0 < length <= MOST_HEAD_BYTES or length > size:
        if not position:
            raise refuse(path, "the file does not begin as an .osm.pbf", allowed=ALLOWED)
        raise _damaged(path, position)
    try:
        facts = {number: value for number, value in _fields(stream.read(length))}
        kind, blob_length = facts[1], facts[3]
    except (ValueError, KeyError) as error:
        if not position:
            raise refuse(path, "the file does not begin as an .osm.pbf", allowed=ALLOWED) from error
        raise _damaged(path, position) from error
    if not isinstance(kind, bytes) or not isinstance(blob_length, int):
        raise _damaged(path, position)
    if blob_length > MOST_BLOB_BYTES:
        raise _damaged(path, position)
    return kind.decode("utf-8", "replace"), blob_length


def _cut_off(path: Path, size: int) -> InputError:
    allowed = "the whole file: compare its size and .md5 with the publisher's, download it again"
    return refuse(path, f"the file is cut off after {size:,} bytes", allowed=allowed)


def _damaged(path: Path, position: int) -> InputError:
    allowed = "a sound file: compare its .md5 with the publisher's, download it again"
    return refuse(path, f"the file is damaged at byte {position:,}", allowed=allowed)


def _check_packing(path: Path, start: bytes, is_data: bool = False) -> None:
    """Refuse a block whose data is packed in a way that cannot be read here."""
    for number in _field_numbers(start):
        if number in _PACKINGS:
            packing = _PACKINGS[number]
            raise refuse(path, f"its blocks are packed with {packing}", allowed=f"zlib; {_REPACK}")
        if number == _RAW and is_data:
            raise refuse(path, "its blocks are not packed", allowed=f"zlib; {_REPACK}")
        if number in (_RAW, _ZLIB):
            return


def _field_numbers(data: bytes) -> Iterator[int]:
    """Yield the numbers of the fields as far as a few bytes show them."""
    position = 0
    while position < len(data):
        tag, position = _varint(data, position)
        yield tag >> 3
        if tag & 7 != 0:
            return  # the data itself
        _, position = _varint(data, position)


def _unpacked(path: Path, blob: bytes) -> bytes:
    """Return the header's data."""
    _check_packing(path, blob[:_PEEK])
    try:
        facts = dict(_fields(blob))
        raw, packed = facts.get(_RAW), facts.get(_ZLIB)
        if isinstance(raw, bytes):
            return raw
        if isinstance(packed, bytes):
            return zlib.decompressobj().decompress(packed, MOST_BLOB_BYTES)
    except (ValueError, zlib.error) as error:
        raise _damaged(path, 0) from error
    raise _damaged(path, 0)


def _header(path: Path, data: bytes) -> PbfHeader:
    """Read a HeaderBlock."""
    snapshot, program, extent = None, "", None
    try:
        for number, value in _fields(data):
            if number == 4 and isinstance(value, bytes):
                _check_feature(path, value.decode("utf-8", "replace"))
            elif number == 16 and isinstance(value, bytes):
                program = value.decode("utf-8", "replace")[:80]
            elif number == 32 and isinstance(value, int):
                snapshot = _moment(value)
            elif number == 1 and isinstance(value, bytes):
                extent = _box(value)
    except ValueError as error:
        raise _damaged(path, 0) from error
    return PbfHeader(snapshot, program, extent)


def _check_feature(path: Path, feature: str) -> None:
    if feature in READABLE_FEATURES:
        return
    if feature == "HistoricalInformation":
        problem = "the file is a history: every version of every object"
        raise refuse(path, problem, allowed=f"one state; 'osmium time-filter'; {ALLOWED}")
    allowed = ", ".join(sorted(READABLE_FEATURES))
    raise refuse(path, "the file needs a feature", found=feature, allowed=allowed)


def _moment(seconds: int) -> datetime.datetime | None:
    """Return a time since 1970 that can be one; OpenStreetMap began in 2004."""
    try:
        moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.year >= 2004 else None


def _box(data: bytes) -> tuple[float, float, float, float] | None:
    """Return a HeaderBBox in degrees; its numbers are zigzag nanodegrees."""
    sides = {n: (v >> 1 ^ -(v & 1)) / 1e9 for n, v in _fields(data) if isinstance(v, int)}
    if not {1, 2, 3, 4} <= set(sides):
        return None
    return sides[1], sides[4], sides[2], sides[3]


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield number and value of each field of a protocol buffer.

    Raises
    ------
    ValueError
        It is none.
    """
    position = 0
    while position < len(data):
        tag, position = _varint(data, position)
        wire = tag & 7
        if wire == 0:
            value, position = _varint(data, position)
            yield tag >> 3, value
            continue
        if wire == 2:
            length, position = _varint(data, position)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise ValueError(f"wire type {wire}")
        if position + length > len(data):
            raise ValueError("a field longer than its message")
        yield tag >> 3, data[position : position + length]
        position += length


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= len(data) or shift > 63:
            raise ValueError("a number without end")
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position += 1
        if not byte & 0x80:
            return value, position
        shift += 7

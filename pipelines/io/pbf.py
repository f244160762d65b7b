"""The outside of an ``.osm.pbf``: its blocks and its header, read without unpacking the data.

The format is https://wiki.openstreetmap.org/wiki/PBF_Format: a chain of blocks, each with a
small head that says how long it is. So a file that was cut off, packed in a way that cannot be
read here, or of another kind is told in words before anything interprets it. Walking over the
heads of gigabytes takes a second.
"""

from __future__ import annotations

import contextlib
import datetime
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipelines.core.areas import Area
from pipelines.core.errors import InputError
from pipelines.core.findings import refuse

#: The format's own limits.
MOST_HEAD_BYTES = 64 * 1024
MOST_BLOB_BYTES = 32 * 1024 * 1024
READABLE_FEATURES = frozenset({"OsmSchema-V0.6", "DenseNodes"})
ALLOWED = "an .osm.pbf as Geofabrik and osmium write it"
#: How a block's data may be packed, by its field.
PLAIN, ZLIB = 1, 3
_PACKINGS = {
    PLAIN: "not packed",
    ZLIB: "packed with zlib",
    4: "packed with lzma",
    5: "packed with bzip2",
    6: "packed with lz4",
    7: "packed with zstd",
}
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
    box : Area or None
        Degrees, EPSG:4326.
    """

    snapshot: datetime.datetime | None = None
    program: str = ""
    box: Area | None = None

    @property
    def snapshot_text(self) -> str | None:
        """The snapshot in ISO 8601."""
        return self.snapshot.strftime("%Y-%m-%dT%H:%M:%SZ") if self.snapshot else None


def read_header(path: Path, packings: Collection[int] = (PLAIN, ZLIB)) -> PbfHeader:
    """Walk through a file's blocks and return what its header says.

    Parameters
    ----------
    path : Path
    packings : collection of int
        How the data may be packed for whoever reads it afterwards.

    Raises
    ------
    InputError
        There is no such file; it is empty, no ``.osm.pbf``, cut off, a history, holds no data
        or is packed otherwise.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            return _walk(path, stream, size, packings)
    except FileNotFoundError:
        raise refuse(path, "no such file") from None
    except OSError as error:
        raise refuse(path, f"cannot be read ({error.strerror or error})") from error


def is_pbf(path: Path) -> bool:
    """Tell by its first bytes whether a file is an ``.osm.pbf``, whatever its name."""
    try:
        with path.open("rb") as stream:
            return b"OSMHeader" in stream.read(64)
    except OSError:
        return False


def data_blocks(path: Path) -> Iterator[bytes]:
    """Yield the data of each block behind the header, unpacked.

    Raises
    ------
    InputError
        A block is damaged.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        for kind, length in _blocks(path, stream, size):
            if kind == "OSMData":
                yield _unpacked(path, stream.read(length), stream.tell())


def _walk(path: Path, stream: BinaryIO, size: int, packings: Collection[int]) -> PbfHeader:
    if not size:
        raise refuse(path, "the file is empty", allowed=ALLOWED)
    header, has_data = None, False
    for kind, length in _blocks(path, stream, size):
        if header is None:
            if kind != "OSMHeader":
                raise _no_pbf(path)
            header = _header(path, _unpacked(path, stream.read(length), 0))
        else:
            _check_packing(path, stream.read(min(_PEEK, length)), packings)
            has_data |= kind == "OSMData"
    if header is None or not has_data:
        raise refuse(path, "the file holds no data after its header", allowed=ALLOWED)
    return header


def _blocks(path: Path, stream: BinaryIO, size: int) -> Iterator[tuple[str, int]]:
    """Yield kind and length of each block, with the stream at the beginning of its blob."""
    position = 0
    while position < size:
        stream.seek(position)
        kind, length = _block_head(path, stream, size, position)
        start = stream.tell()
        if start + length > size:
            raise _cut_off(path, size)
        yield kind, length
        position = start + length


def _block_head(path: Path, stream: BinaryIO, size: int, position: int) -> tuple[str, int]:
    """Return kind and length of the block that begins here."""
    prefix = stream.read(4)
    length = int.from_bytes(prefix, "big")
    if position and (len(prefix) < 4 or position + 4 + length > size):
        raise _cut_off(path, size)
    if not 0 < length <= MOST_HEAD_BYTES or length > size:
        if not position:
            raise _no_pbf(path)
        raise _damaged(path, position)
    try:
        facts = dict(fields(stream.read(length)))
        kind, blob_length = facts[1], facts[3]
    except (ValueError, KeyError) as error:
        if not position:
            raise _no_pbf(path) from error
        raise _damaged(path, position) from error
    if not isinstance(kind, bytes) or not isinstance(blob_length, int):
        raise _damaged(path, position)
    if blob_length > MOST_BLOB_BYTES:
        raise _damaged(path, position)
    return kind.decode("utf-8", "replace"), blob_length


def _no_pbf(path: Path) -> InputError:
    return refuse(path, "the file is not OpenStreetMap PBF", allowed=ALLOWED)


def _cut_off(path: Path, size: int) -> InputError:
    allowed = "the whole file: compare its size and .md5 with the publisher's, download it again"
    return refuse(path, f"the file is cut off after {size:,} bytes", allowed=allowed)


def _damaged(path: Path, position: int) -> InputError:
    allowed = "a sound file: compare its .md5 with the publisher's, download it again"
    return refuse(path, f"the file is damaged at byte {position:,}", allowed=allowed)


def _check_packing(path: Path, start: bytes, packings: Collection[int]) -> None:
    """Refuse a block whose data is packed in a way that cannot be read here."""
    for number in _field_numbers(start):
        if number in packings:
            return
        if number in _PACKINGS:
            problem = f"its blocks are {_PACKINGS[number]}"
            raise refuse(path, problem, allowed=f"zlib; {_REPACK}")


def _field_numbers(data: bytes) -> Iterator[int]:
    """Yield the numbers of the fields as far as a few bytes show them."""
    position = 0
    with contextlib.suppress(ValueError):
        while position < len(data):
            tag, position = varint(data, position)
            yield tag >> 3
            if tag & 7 != 0:
                return  # the data itself
            _, position = varint(data, position)


def _unpacked(path: Path, blob: bytes, position: int) -> bytes:
    """Return the data of a blob."""
    _check_packing(path, blob[:_PEEK], (PLAIN, ZLIB))
    try:
        facts = dict(fields(blob))
        raw, packed = facts.get(PLAIN), facts.get(ZLIB)
        if isinstance(packed, bytes):
            return zlib.decompressobj().decompress(packed, MOST_BLOB_BYTES)
        if isinstance(raw, bytes):
            return raw
    except (ValueError, zlib.error) as error:
        raise _damaged(path, position) from error
    raise _damaged(path, position)


def _header(path: Path, data: bytes) -> PbfHeader:
    """Read a HeaderBlock."""
    snapshot, program, box = None, "", None
    try:
        for number, value in fields(data):
            if number == 4 and isinstance(value, bytes):
                _check_feature(path, value.decode("utf-8", "replace"))
            elif number == 16 and isinstance(value, bytes):
                program = value.decode("utf-8", "replace")[:80]
            elif number == 32 and isinstance(value, int):
                snapshot = _moment(value)
            elif number == 1 and isinstance(value, bytes):
                box = _box(value)
    except ValueError as error:
        raise refuse(path, "its header block cannot be read", allowed=ALLOWED) from error
    return PbfHeader(snapshot, program, box)


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


def _box(data: bytes) -> Area | None:
    """Return a HeaderBBox in degrees; its numbers are zigzag nanodegrees."""
    sides = {n: (v >> 1 ^ -(v & 1)) / 1e9 for n, v in fields(data) if isinstance(v, int)}
    if not {1, 2, 3, 4} <= set(sides):
        return None
    return Area(west=sides[1], south=sides[4], east=sides[2], north=sides[3])


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield number and value of each field of a protocol buffer.

    Raises
    ------
    ValueError
        It is none.
    """
    position = 0
    while position < len(data):
        tag, position = varint(data, position)
        wire = tag & 7
        if wire == 0:
            value, position = varint(data, position)
            yield tag >> 3, value
            continue
        if wire == 2:
            length, position = varint(data, position)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise ValueError(f"wire type {wire}")
        if position + length > len(data):
            raise ValueError("a field longer than its message")
        yield tag >> 3, data[position : position + length]
        position += length


def varint(data: bytes, position: int) -> tuple[int, int]:
    """Return the number that begins at a byte, and where it ends; see :func:`fields`."""
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

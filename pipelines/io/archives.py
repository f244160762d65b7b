"""Unpack gzip and zip with limits on members, size and ratio.

A few kilobytes can unpack to gigabytes, and the size that an archive declares
may lie, so real bytes are counted while they are read.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipelines.core.errors import SourceMissing, SourceUnreadable

GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"
_CHUNK = 1 << 20
#: A document type stands before the first element.
_HEAD = 4096


@dataclass(frozen=True)
class Caps:
    """Limits of an archive: members, unpacked bytes in all, unpacked : packed."""

    max_members: int = 200
    max_bytes: int = 1 << 30
    max_ratio: float = 200.0
    #: Below this many bytes the ratio is not judged: tiny texts compress well.
    ratio_floor: int = 1 << 20


DEFAULT_CAPS = Caps()


def is_gzip(path: Path) -> bool:
    """Tell by its first two bytes whether a file is gzip."""
    with path.open("rb") as handle:
        return handle.read(2) == GZIP_MAGIC


def read_bytes(path: Path, caps: Caps = DEFAULT_CAPS) -> bytes:
    """Return a file's bytes, unpacked where it is gzip.

    Parameters
    ----------
    path : Path
        A plain or gzip file; told apart by the first bytes, not by the name.
    caps : Caps
        Limits on the unpacked size and ratio.

    Returns
    -------
    bytes

    Raises
    ------
    SourceMissing
        The file is not there.
    SourceUnreadable
        The gzip stream is damaged, cut off, or breaks a limit.
    """
    try:
        packed = path.read_bytes()
    except FileNotFoundError as error:
        raise SourceMissing(f"{path}: no such file. Run `hinterland fetch` first.") from error
    if packed[:2] != GZIP_MAGIC:
        _judge(path, len(packed), len(packed), caps)
        return packed
    return gunzip(packed, path, caps)


def gunzip(packed: bytes, path: Path, caps: Caps = DEFAULT_CAPS) -> bytes:
    """Unpack a gzip stream (all its members) and count what really comes out."""
    parts: list[bytes] = []
    total, rest = 0, packed
    while rest:
        engine = zlib.decompressobj(wbits=31)
        feed = rest
        while not engine.eof:
            try:
                part = engine.decompress(feed, _CHUNK)
            except zlib.error as error:
                raise SourceUnreadable(
                    f"{path}: damaged gzip ({error}). Fetch it again."
                ) from error
            feed = engine.unconsumed_tail
            if not part and not feed and not engine.eof:
                raise SourceUnreadable(
                    f"{path}: gzip is cut off after {total:,} unpacked bytes. Fetch it again."
                )
            total += len(part)
            _judge(path, total, len(packed), caps)
            parts.append(part)
        rest = engine.unused_data.lstrip(b"\0")
    return b"".join(parts)


# What zipfile meets in damaged ones: offsets before the file, methods and versions that nobody
# has, a mark of encryption, sizes beyond all numbers.
_BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    OverflowError,
    struct.error,
)


def check_zip(path: Path, caps: Caps = DEFAULT_CAPS) -> None:
    """Judge a zip that another program will read, a workbook for instance.

    The sizes that it declares bound what can come out: ``zipfile`` reads no further.

    Raises
    ------
    SourceMissing, SourceUnreadable
        Not there; not a zip, cut off, an unsafe name, beyond a limit, or XML that
        declares a document type (entities can unpack a second time).
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _judge_members(path, archive.infolist(), caps)
            for info in archive.infolist():
                with archive.open(info) as member:
                    if b"<!DOCTYPE" in member.read(_HEAD):
                        raise SourceUnreadable(
                            f"{path}: member {info.filename!r} declares a document type; not read."
                        )
    except FileNotFoundError as error:
        raise SourceMissing(f"{path}: no such file. Run `hinterland fetch` first.") from error
    except _BROKEN_ZIP as error:
        raise SourceUnreadable(
            f"{path}: not a zip archive, or cut off ({error}). Fetch it again."
        ) from error


def _judge(path: Path, unpacked: int, packed: int, caps: Caps) -> None:
    if unpacked > caps.max_bytes:
        raise SourceUnreadable(
            f"{path}: unpacks to more than {caps.max_bytes:,} bytes, which is the limit."
        )
    if unpacked > caps.ratio_floor and unpacked > caps.max_ratio * max(packed, 1):
        raise SourceUnreadable(
            f"{path}: unpacks to more than {caps.max_ratio:g} times its size; not read."
        )


def _judge_members(path: Path, infos: list[zipfile.ZipInfo], caps: Caps) -> None:
    if len(infos) > caps.max_members:
        raise SourceUnreadable(
            f"{path}: {len(infos)} members, at most {caps.max_members} are allowed."
        )
    for info in infos:
        name = PurePosixPath(info.filename.replace("\\", "/"))
        is_link = stat.S_ISLNK(info.external_attr >> 16)
        if name.is_absolute() or ".." in name.parts or ":" in info.filename or is_link:
            raise SourceUnreadable(
                f"{path}: unsafe member {info.filename!r}; nothing was unpacked."
            )
    declared = sum(info.file_size for info in infos)
    _judge(path, declared, sum(info.compress_size for info in infos), caps)

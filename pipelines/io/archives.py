"""Unpack gzip and zip with limits on members, size and ratio.

A few kilobytes can unpack to gigabytes, and the size that an archive declares
may lie, so real bytes are counted while they are read and nothing is written
outside the folder that was asked for.
"""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

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


def unzip(path: Path, into: Path, members: list[str], caps: Caps = DEFAULT_CAPS) -> list[Path]:
    """Unpack the named members of a zip into a folder, under their bare names.

    Parameters
    ----------
    path : Path
        The archive.
    into : Path
        An existing or new folder; each member is written to a temporary name and
        moved into place when complete.
    members : list of str
        Names of the members that are wanted; others are left alone.
    caps : Caps
        Limits; they are judged over *all* members, wanted or not.

    Returns
    -------
    list of Path

    Raises
    ------
    SourceUnreadable
        Not a zip, too many members, an unsafe name (absolute, ``..``, a link), a
        missing member, or a size or ratio beyond the limits.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = {info.filename: info for info in archive.infolist()}
            _judge_members(path, archive.infolist(), caps)
            missing = [name for name in members if name not in infos]
            if missing:
                raise SourceUnreadable(
                    f"{path}: holds no {missing[0]!r}; it holds {sorted(infos)[:20]}."
                )
            into.mkdir(parents=True, exist_ok=True)
            return [_extract(path, archive, infos[name], into, caps) for name in members]
    except zipfile.BadZipFile as error:
        raise SourceUnreadable(f"{path}: not a zip archive ({error}). Fetch it again.") from error


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
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
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


def _extract(
    path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, into: Path, caps: Caps
) -> Path:
    target = into / PurePosixPath(info.filename).name
    temporary = target.with_name(f".{target.name}.part")
    try:
        with archive.open(info) as source, temporary.open("wb") as out:
            _copy_counted(path, source, out, info.compress_size, caps)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return target


def _copy_counted(path: Path, source: IO[bytes], out: IO[bytes], packed: int, caps: Caps) -> None:
    total = 0
    while chunk := source.read(_CHUNK):
        total += len(chunk)
        _judge(path, total, packed, caps)
        out.write(chunk)

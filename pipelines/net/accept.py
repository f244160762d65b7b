"""Judge what has come whole, and move it into place."""

from __future__ import annotations

import gzip
import hashlib
import os
from dataclasses import replace
from pathlib import Path

from pipelines.core.errors import ChecksumMismatch, HinterlandError, ResponseNotData
from pipelines.io import archives
from pipelines.io import notes as fetched
from pipelines.io.notes import Fetched, FileRequest

#: Kinds that are text and hold no NUL unless they are damaged.
_TEXTS = frozenset({"csv", "tsv", "geojson"})


def accept(request: FileRequest, part: Path, notes: Fetched) -> Fetched:
    """Judge the complete file, then move it into place and write its notes.

    Raises
    ------
    ChecksumMismatch, ResponseNotData
        And whatever ``request.judge`` raises, with a note of the address.
    """
    with part.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if request.sha256 and digest != request.sha256:
        raise ChecksumMismatch(
            f"{request.url}: SHA-256 is {digest}, pinned is {request.sha256}. The file was"
            " changed or damaged on the way; it was not kept. Compare geodata/sources before"
            " pinning anew."
        )
    try:
        _refuse_nul(request, part)
        request.judge(part)
    except HinterlandError as error:
        error.add_note(f"The answer was not kept ({request.url}).")
        raise
    if request.target.suffix == ".gz" and not archives.is_gzip(part):
        _pack(part)
    size = part.stat().st_size
    part.replace(request.target)
    full = replace(notes, url=request.url, sha256=digest, bytes=size)
    fetched.write_notes(request.target, full)
    return full


def at_hand(request: FileRequest, url: str) -> Fetched | None:
    """Return the notes on the copy at hand if it came whole from this address."""
    old = fetched.read_notes(request.target)
    if old is None or old.url != url or not request.target.is_file():
        return None
    return old if request.target.stat().st_size == old.bytes else None


def _refuse_nul(request: FileRequest, part: Path) -> None:
    """Refuse a text with NUL in it: a hole that a broken disk or mirror left."""
    if request.kind not in _TEXTS or archives.is_gzip(part):
        return
    before = 0
    with part.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            if (position := chunk.find(b"\0")) >= 0:
                raise ResponseNotData(
                    f"{request.url}: a NUL at byte {before + position:,},"
                    f" {request.kind} holds none."
                )
            before += len(chunk)


def _pack(part: Path) -> None:
    """Compress a file in place: boundaries come plain and are kept as ``.gz``."""
    packed = gzip.compress(part.read_bytes(), 6, mtime=0)
    with part.open("wb") as out:
        out.write(packed)
        out.flush()
        os.fsync(out.fileno())


def discard(part: Path) -> None:
    """Remove a partial file and the notes on it."""
    part.unlink(missing_ok=True)
    fetched.part_notes(part).unlink(missing_ok=True)

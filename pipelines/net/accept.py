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
from pipelines.io.notes import Fetched, Wanted

#: Kinds that are text and hold no NUL unless they are damaged.
_TEXTS = frozenset({"csv", "tsv", "geojson"})


def accept(wanted: Wanted, part: Path, notes: Fetched) -> Fetched:
    """Judge the complete file, then move it into place and write its notes.

    Raises
    ------
    ChecksumMismatch, ResponseNotData
        And whatever ``wanted.judge`` raises, with a note of the address.
    """
    with part.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if wanted.sha256 and digest != wanted.sha256:
        raise ChecksumMismatch(
            f"{wanted.url}: SHA-256 is {digest}, pinned is {wanted.sha256}. The file was"
            " changed or damaged on the way; it was not kept. Compare geodata/sources before"
            " pinning anew."
        )
    try:
        _refuse_nul(wanted, part)
        wanted.judge(part)
    except HinterlandError as error:
        error.add_note(f"The answer was not kept ({wanted.url}).")
        raise
    if wanted.target.suffix == ".gz" and not archives.is_gzip(part):
        _pack(part)
    size = part.stat().st_size
    part.replace(wanted.target)
    full = replace(notes, url=wanted.url, sha256=digest, bytes=size)
    fetched.write_notes(wanted.target, full)
    return full


def at_hand(wanted: Wanted, url: str) -> Fetched | None:
    """Return the notes on the copy at hand if it came whole from this address."""
    old = fetched.read_notes(wanted.target)
    if old is None or old.url != url or not wanted.target.is_file():
        return None
    return old if wanted.target.stat().st_size == old.bytes else None


def _refuse_nul(wanted: Wanted, part: Path) -> None:
    """Refuse a text with NUL in it: a hole that a broken disk or mirror left."""
    if wanted.kind not in _TEXTS or archives.is_gzip(part):
        return
    before = 0
    with part.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            if (at := chunk.find(b"\0")) >= 0:
                raise ResponseNotData(
                    f"{wanted.url}: a NUL at byte {before + at:,}, {wanted.kind} holds none."
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

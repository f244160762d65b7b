"""Notes on fetched files: where each came from, when, and its hash.

They lie beside the file as ``<name>.fetched.json``; a partial download keeps notes of
its own, so that it is only continued with the rest of the same file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path

from pipelines.io.atomic import writing


@dataclass(frozen=True)
class Fetched:
    """What is known of a fetched file; kept beside it as ``<name>.fetched.json``."""

    url: str
    retrieved: str
    sha256: str
    bytes: int
    etag: str = ""
    last_modified: str = ""
    last_update: str = ""


@dataclass(frozen=True)
class FileRequest:
    """One file to bring: from where, to where, of what kind and at most how large.

    ``judge`` is called with the complete temporary file and raises if it is no use.
    """

    url: str
    target: Path
    kind: str
    max_bytes: int
    sha256: str = ""
    judge: Callable[[Path], None] = field(default=lambda path: None)


def sidecar(target: Path) -> Path:
    """Return where the notes on a fetched file lie."""
    return target.with_name(f"{target.name}.fetched.json")


def read_notes(target: Path) -> Fetched | None:
    """Return the notes on a fetched file, or None where there are none that can be read."""
    try:
        notes = Fetched(**json.loads(sidecar(target).read_text("utf-8")))
        for field in fields(notes):
            if not isinstance(getattr(notes, field.name), int if field.name == "bytes" else str):
                return None
        age_days(notes)
    except (OSError, ValueError, TypeError, OverflowError, RecursionError):
        return None
    return notes


def write_notes(target: Path, notes: Fetched) -> None:
    """Write the notes beside a fetched file in one move, and make both last."""
    with writing(sidecar(target)) as draft:
        draft.write_text(json.dumps(asdict(notes), indent=1) + "\n", "utf-8")
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@dataclass(frozen=True)
class Partial:
    """What is known of a file whose beginning is at hand; ``total`` is its size, if told."""

    url: str
    etag: str = ""
    last_modified: str = ""
    total: int | None = None

    @property
    def validator(self) -> str:
        """What ``If-Range`` takes: a strong tag or a date; nothing where there is neither."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.last_modified


def part_notes(part: Path) -> Path:
    """Return where the notes on a partial download lie."""
    return part.with_name(f"{part.name}.json")


def write_partial(part: Path, notes: Partial) -> None:
    """Write the notes on a partial download."""
    part_notes(part).write_text(json.dumps(asdict(notes)), "utf-8")


def read_partial(part: Path, url: str) -> tuple[int, Partial]:
    """Return bytes at hand and what is known of them; 0 where they cannot be continued."""
    none = (0, Partial(url))
    try:
        notes = Partial(**json.loads(part_notes(part).read_text("utf-8")))
        done = part.stat().st_size
        # Without a validator the two halves could be of different files.
        can_continue = notes.url == url and bool(notes.validator) and done > 0
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return none
    return (done, notes) if can_continue else none


def now() -> str:
    """Return the time as it stands in notes (UTC, to the second)."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def age_days(notes: Fetched) -> float:
    """Return how many days ago a file was fetched."""
    then = datetime.fromisoformat(notes.retrieved)
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return (datetime.now(UTC) - then).total_seconds() / 86_400

"""The pointer that readers follow: which database is served, and what it was made from."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.core.errors import MartUnavailable

# Readers refuse a database of another schema: raise it when a mart changes its meaning, or the
# pointer its fields.
SCHEMA_VERSION = 7
POINTER = "current.json"
_LARGEST = 1 << 20
_STEM = r"mart-[0-9a-f]{16}-[0-9TZ]{1,30}"
_AGAIN = "Run 'hinterland build' to make it anew."


def sites_name(service: str) -> str:
    """Return the name of the map file of a service's sites, beside the database."""
    return f"sites-{service.replace('_', '-')}"


@dataclass(frozen=True)
class Pointer:
    """What ``current.json`` says: which file is served and what it was made from.

    ``files`` maps the name of each published file, the database and its map files, to its
    SHA-256; names are relative to the folder.
    """

    file: str
    hash: str
    schema_version: int
    built_at: str
    program_version: str
    inputs: str
    rows: dict[str, int]
    seconds: float
    files: dict[str, str]


def _matches(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _is_moment(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_table(
    is_key: Callable[[Any], bool], is_value: Callable[[Any], bool]
) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, dict)
        and all(is_key(key) and is_value(entry) for key, entry in value.items())
    )


#: What each field must be, in words and as a test. A name never leads out of the folder.
_FIELDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "file": (
        "the name of a file like mart-0123456789abcdef-20260101T000000.duckdb",
        _matches(_STEM + r"\.duckdb"),
    ),
    "hash": ("16 hexadecimal digits", _matches(r"[0-9a-f]{16}")),
    "schema_version": ("a whole number", _is_count),
    "built_at": ("a date with time and zone", _is_moment),
    "program_version": ("a version", _matches(r"[\w.+-]{1,40}")),
    "inputs": ("16 hexadecimal digits", _matches(r"[0-9a-f]{16}")),
    "rows": ("counts by table", _is_table(_matches(r"\w+\.\w+"), _is_count)),
    "seconds": ("a number", _is_number),
    "files": (
        "SHA-256 by name of file",
        _is_table(
            _matches(_STEM + r"\.(duckdb|maps/[a-z0-9-]+\.json\.gz)"), _matches(r"[0-9a-f]{64}")
        ),
    ),
}


def read_pointer(folder: Path) -> Pointer:
    """Return the pointer of a build folder.

    Raises
    ------
    MartUnavailable
        Nothing was built yet, the pointer is damaged, its file is gone, or its schema
        is not the one this program reads.
    """
    path = folder / POINTER
    try:
        if path.stat().st_size > _LARGEST:
            raise MartUnavailable(f"{path} is damaged (larger than {_LARGEST:,} bytes). {_AGAIN}")
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise MartUnavailable(
            f"There is no database in {folder} yet. {_elsewhere(folder)}Run 'hinterland build'."
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise MartUnavailable(f"{path} is damaged ({error}). {_AGAIN}") from error
    pointer = _judged(path, content)
    if not (folder / pointer.file).is_file():
        raise MartUnavailable(f"{folder / pointer.file} is gone. Run 'hinterland build'.")
    return pointer


def _elsewhere(folder: Path) -> str:
    """Say that the database lies one folder above or below, where it does.

    ``build --out DIR`` writes into DIR itself, ``HINTERLAND_HOME=DIR`` names the folder around.
    """
    around, below = folder.parent, folder / "build"
    if folder.name == "build" and (around / POINTER).is_file():
        return (
            f"{around} itself holds one, as 'hinterland build --out {around}' writes it: "
            f"HINTERLAND_HOME={around} reads {folder}. Move it there, or build with "
            f"--out {folder}. Otherwise: "
        )
    if (below / POINTER).is_file():
        return f"There is one in {below}: name that folder. Otherwise: "
    return ""


def _judged(path: Path, content: Any) -> Pointer:
    """Return the pointer that a file's content is, every field of its type."""
    if not isinstance(content, dict):
        raise MartUnavailable(f"{path} is damaged (no JSON object). {_AGAIN}")
    version = content.get("schema_version")
    # First of all: another version may have other fields.
    if _is_count(version) and version != SCHEMA_VERSION:
        raise MartUnavailable(
            f"The database in {path.parent} has schema {version}; this version of "
            f"Hinterland reads schema {SCHEMA_VERSION}. Run 'hinterland build'."
        )
    required = {field.name for field in fields(Pointer)}
    if odd := sorted(required ^ content.keys()):
        what = "lacks" if odd[0] in required else "has an unknown"
        raise MartUnavailable(f"{path} is damaged ({what} field {odd[0]!r:.80}). {_AGAIN}")
    for name, (allowed, is_sound) in _FIELDS.items():
        if not is_sound(content[name]):
            raise MartUnavailable(
                f"{path} is damaged: {name} is {content[name]!r:.80}, allowed is {allowed}."
                f" {_AGAIN}"
            )
    return Pointer(**content)


def digest(path: Path) -> str:
    """Return a file's SHA-256."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def damage(folder: Path, pointer: Pointer) -> str:
    """Compare each published file with what the pointer says; return what is wrong, or nothing.

    Every byte is read (a tenth of a second for 100 MB) and none is interpreted.
    """
    if pointer.file not in pointer.files:
        return f"{folder / POINTER}: no SHA-256 of {pointer.file}"
    for name, pinned in pointer.files.items():
        path = folder / name
        try:
            there = digest(path)
        except FileNotFoundError:
            return f"{path} is gone"
        except OSError as error:
            return f"{path} cannot be read ({error.strerror or error})"
        if there != pinned:
            return f"{path} is damaged: SHA-256 is {there}, published was {pinned}"
    return ""

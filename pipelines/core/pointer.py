"""The pointer that readers follow: which database is served, and what it was made from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pipelines.core.errors import MartUnavailable

# Readers refuse a database of another schema: raise it when a mart changes its meaning.
SCHEMA_VERSION = 4
POINTER = "current.json"


@dataclass(frozen=True)
class Pointer:
    """What ``current.json`` says: which file is served and what it was made from."""

    file: str
    hash: str
    schema_version: int
    built_at: str
    program_version: str
    inputs: str
    rows: dict[str, int]
    seconds: float


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
        pointer = Pointer(**json.loads(path.read_text("utf-8")))
    except FileNotFoundError as error:
        raise MartUnavailable(
            f"There is no database in {folder} yet. Run 'hinterland build'."
        ) from error
    except (OSError, ValueError, TypeError) as error:
        raise MartUnavailable(
            f"{path} is damaged ({error}). Run 'hinterland build' to make it anew."
        ) from error
    if pointer.schema_version != SCHEMA_VERSION:
        raise MartUnavailable(
            f"The database in {folder} has schema {pointer.schema_version}; this version of "
            f"Hinterland reads schema {SCHEMA_VERSION}. Run 'hinterland build'."
        )
    if not (folder / pointer.file).is_file():
        raise MartUnavailable(f"{folder / pointer.file} is gone. Run 'hinterland build'.")
    return pointer

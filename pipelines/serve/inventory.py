"""What of the fetched sources lies in a folder; reads notes and asks no server."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.core import paths
from pipelines.core.registry import Source, path_in, read_registry
from pipelines.io import notes as fetched
from pipelines.serve.texts import _


@dataclass(frozen=True)
class FetchedCopy:
    """What is known of one fetched source's copy; dates are ISO texts, age is in days."""

    name: str
    path: Path
    is_there: bool
    retrieved: str = ""
    age_days: float | None = None
    last_update: str = ""
    sha256: str = ""
    vintage: str = ""


def inventory(
    out: Path | None = None, registry: dict[str, Source] | None = None
) -> list[FetchedCopy]:
    """Tell of each fetched source whether its file is there, how old and of which vintage.

    ``out`` is the folder of fetched files, by default the cache. A file that was put there
    by hand has no notes: its dates are empty.
    """
    folder = paths.cache_dir() if out is None else out
    copies = []
    declared = _declared() if registry is None else registry
    for source in (entry for entry in declared.values() if entry.kind == "fetched"):
        target = path_in(source, folder)
        notes = fetched.read_notes(target) if target.exists() else None
        copy = FetchedCopy(source.name, target, target.exists(), vintage=source.vintage)
        if notes:
            copy = replace(
                copy,
                retrieved=notes.retrieved,
                age_days=fetched.age_days(notes),
                last_update=notes.last_update,
                sha256=notes.sha256,
            )
        copies.append(copy)
    return copies


@functools.cache
def _declared() -> dict[str, Source]:
    """Return the declarations, which come with the program and are read once."""
    return read_registry()


def state_of(copy: FetchedCopy) -> str:
    """Say in a few words whether a file is there and how old it is."""
    if not copy.is_there:
        return _("not fetched")
    if copy.age_days is None:
        return _("there, put by hand")
    return _("{day}, {n} days old").format(day=copy.retrieved[:10], n=f"{copy.age_days:.0f}")

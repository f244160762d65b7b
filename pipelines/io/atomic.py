"""Write files and folders so that they appear complete or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.core.errors import InputError, TargetUnwritable


def refuse_own_input(target: Path, *inputs: Path | None) -> None:
    """Refuse to write a result over a file that it is made from.

    Raises
    ------
    InputError
        The target is one of the files to read, under whatever name.
    """
    for path in inputs:
        if path is not None and path.exists() and target.exists() and target.samefile(path):
            raise InputError(f"{target}: is also a file to read; choose another for the result")


@contextmanager
def writing(target: Path) -> Iterator[Path]:
    """Give a path to write to; it is moved to ``target`` when the block ends well.

    The draft bears the target's own name in a hidden folder beside it, so that a program
    which looks at the ending, or writes files of its own beside, does as it would. Where
    the block fails, what stood at the target stays.

    Parameters
    ----------
    target : Path
        A file; its folder must exist.

    Yields
    ------
    Path
        Where to write.

    Raises
    ------
    TargetUnwritable
        The target or its folder cannot be written, or the disk is full.
    """
    with _draft_folder(target) as folder:
        draft = folder / target.name
        yield draft
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(draft, target)


@contextmanager
def writing_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder to fill; it becomes ``target`` when the block ends well.

    Parameters
    ----------
    target : Path
        A folder that is not there yet, or is empty; those above it are made.

    Raises
    ------
    TargetUnwritable
        The target holds something, is no folder, or cannot be written.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise TargetUnwritable(f"{target}: exists and is not an empty folder; choose another")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(target, error) from error
    with _draft_folder(target) as folder:
        draft = folder / target.name
        draft.mkdir()
        yield draft
        if target.exists():
            target.rmdir()
        os.replace(draft, target)


@contextmanager
def _draft_folder(target: Path) -> Iterator[Path]:
    """Make a hidden folder beside a target, and take it away in the end."""
    folder: str | None = None
    try:
        folder = tempfile.mkdtemp(prefix=".writing-", dir=target.parent)
        yield Path(folder)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _unwritable(target: Path, error: OSError) -> TargetUnwritable:
    return TargetUnwritable(f"{target}: cannot be written ({error.strerror or error})")

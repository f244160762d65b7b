"""A lock on a file that goes with the process that holds it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from pipelines.core.errors import BuildLocked, TargetUnwritable


def lock(handle: IO[str]) -> None:
    """Take the lock of an open file, or fail at once.

    Raises
    ------
    OSError
        Another process holds it.
    """
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def holding(path: Path, folder: Path, otherwise: str) -> Iterator[None]:
    """Hold a folder alone by the lock of a file; both are made where they are not there.

    Parameters
    ----------
    path : Path
        The file whose lock is taken.
    folder : Path
        What is held, for messages.
    otherwise : str
        Said where another process holds it.

    Raises
    ------
    BuildLocked
        Another process holds it.
    TargetUnwritable
        The folder or the file cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("a+")
    except OSError as error:
        raise TargetUnwritable(f"{folder}: cannot be written ({error.strerror})") from error
    with handle:
        try:
            lock(handle)
        except OSError as error:
            raise BuildLocked(f"{folder}: {otherwise}") from error
        yield

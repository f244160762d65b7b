"""A lock on a file that goes with the process that holds it."""

from __future__ import annotations

import sys
from typing import IO


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

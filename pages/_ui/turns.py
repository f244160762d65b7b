"""Pages are computed two at a time; the others wait for their turn.

Python runs one thread at a time. Many that compute at once take it from each other and from the
thread that sends what is done: sixty visitors wait three times as long, and each act costs half as
much again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

#: So many pages are computed at a time; while one waits for the database another goes on.
AT_ONCE = 2
#: Seconds after which a page is computed all the same: two dear questions must not stop everyone.
PATIENCE = 2.0
_SLOTS = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """Wait until it is this page's turn."""
    has_slot = _SLOTS.acquire(timeout=PATIENCE)
    try:
        yield
    finally:
        if has_slot:
            _SLOTS.release()

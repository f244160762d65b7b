"""One thread ends the queries of all visitors that take too long."""

from __future__ import annotations

import threading

from pipelines.serve.store import Alarms


def test_what_is_not_ended_in_time_is_called_the_earliest_first() -> None:
    alarms, called, over = Alarms(), list[str](), threading.Event()
    alarms.set(0.5, lambda: (called.append("late"), over.set()))
    ended = alarms.set(60, lambda: called.append("ended"))
    # Set last and due first: the thread that waits for the others must hear of it.
    alarms.set(0.05, lambda: called.append("early"))
    alarms.end(ended)
    assert over.wait(20)
    assert called == ["early", "late"]
    assert not alarms._due


def test_one_that_fails_leaves_the_others() -> None:
    alarms, over = Alarms(), threading.Event()
    alarms.set(0.01, lambda: 1 // 0)
    alarms.set(0.02, over.set)
    assert over.wait(20)
    again = threading.Event()
    alarms.set(0.01, again.set)  # the thread has waited for a new one
    assert again.wait(20)

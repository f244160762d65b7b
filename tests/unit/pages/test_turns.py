"""Two pages are computed at a time, and none waits for ever."""

from __future__ import annotations

import threading

import pytest

from pages._ui import turns


def test_a_third_page_waits_for_the_end_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 60)
    inside, ends = threading.Semaphore(0), [threading.Event() for _ in range(3)]

    def page(end: threading.Event) -> None:
        with turns.turn():
            inside.release()
            assert end.wait(60)

    threads = [threading.Thread(target=page, args=(end,)) for end in ends]
    for thread in threads[:2]:
        thread.start()
    assert all(inside.acquire(timeout=60) for _ in range(turns.AT_ONCE))
    threads[2].start()
    assert not inside.acquire(timeout=0.2)
    ends[0].set()
    assert inside.acquire(timeout=60)
    for end in ends:
        end.set()
    for thread in threads:
        thread.join(60)


def test_a_page_goes_on_where_others_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    with turns.turn(), turns.turn(), turns.turn():
        pass
    # The third had no slot to give back: both are free.
    assert turns._SLOTS._value == turns.AT_ONCE


def test_a_page_that_fails_gives_its_turn_back() -> None:
    for _ in range(turns.AT_ONCE + 1):
        with pytest.raises(ZeroDivisionError), turns.turn():
            _ = 1 // 0
    assert turns._SLOTS._value == turns.AT_ONCE

"""The short version of ``make hostile``: no attempt reads, writes, runs or shows anything."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.hostile.attacks import ATTACKS, Tried
from tests.hostile.visitor import attack, table

pytestmark = pytest.mark.enable_socket


def test_a_hostile_visitor_gets_nothing(built_home: Path, tmp_path: Path) -> None:
    home = built_home.parent / f"hostile-{tmp_path.name}"
    shutil.copytree(built_home / "build", home / "build", copy_function=os.link)
    try:
        rows = attack(home, is_long=False)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    assert not [text for row in rows for text in row.said], table(rows)
    assert len(rows) == len(ATTACKS) + 2
    assert all(row.tried for row in rows), table(rows)


def test_an_attempt_that_succeeds_is_counted_and_said() -> None:
    row = Tried("a kind")
    row.expect(True, "held")
    row.expect(False, "a secret was read")
    assert (row.tried, row.said) == (2, ["a secret was read"])
    assert table([row]).splitlines()[-1] == "| **all** | 2 | 1 |"

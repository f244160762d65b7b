"""The short version of ``make torture``: nothing is lost, no row is wrong, no traceback."""

from __future__ import annotations

import random
import shutil
import zlib
from pathlib import Path

import pytest

from tests.torture.rows import Bench, Row, table
from tests.torture.trials import TRIALS

#: Trials of minutes, which ``make torture`` runs.
LONG_ONLY = {"full-home", "server"}
pytestmark = pytest.mark.enable_socket


@pytest.mark.parametrize("name", [name for name in TRIALS if name not in LONG_ONLY])
def test_nothing_is_lost(
    name: str, built_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HINTERLAND_HOME", str(tmp_path / "own"))
    # Beside the built database, so that its files can be linked.
    work = built_home.parent / f"torture-{name}-{tmp_path.name}"
    bench = Bench(built_home, work, random.Random(zlib.crc32(name.encode())))
    try:
        rows = TRIALS[name](bench)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    assert all(row.is_sound for row in rows), table(rows)
    assert all(row.tried or row.note for row in rows), table(rows)


def test_a_table_sums_up_and_a_loss_is_no_success() -> None:
    rows = [Row("a", tried=3, kills=2), Row("b", tried=1, lost=1, note="only once")]
    assert table(rows).splitlines()[-1] == "| **all** | 4 | 2 | 0 | 0 | 0 | 1 | 0 | 0 |"
    assert [row.is_sound for row in rows] == [True, False]

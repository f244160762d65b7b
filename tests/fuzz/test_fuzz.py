"""Malformed files: each ends in a finding, a stated repair or a refusal, soon and in little memory.

``HINTERLAND_FUZZ=2000`` reads that many of each kind (``make fuzz``); 70 are read otherwise, some
750 in all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.fuzz import mutate
from tests.where import ROOT

COUNT = int(os.environ.get("HINTERLAND_FUZZ", "70"))
FIRST = int(os.environ.get("HINTERLAND_FUZZ_FIRST", "0"))
TARGETS = (
    "facilities",
    "own places",
    "OpenStreetMap JSON",
    "Eurostat TSV",
    "catalogue",
    "matrix",
    "LAU workbook",
    "address of a table",
    "OpenStreetMap PBF",
    "stored matrix",
    "index of stored matrices",
    "address bar",
)
#: A page takes longer than a file.
FEWER = {"address bar": 3, "OpenStreetMap PBF": 2}
SECONDS_MOST, MB_MOST = 10.0, 1_024.0


def outcomes(target: str, count: int, home: Path) -> list[dict[str, Any]]:
    """Read malformed files in a process of its own; a file that ends it is the last."""
    command = [sys.executable, "-m", "tests.fuzz.worker", target, str(FIRST), str(count)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60 + SECONDS_MOST * count,
        env=os.environ | {"HINTERLAND_HOME": str(home)},
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines, done.stderr[-2_000:]
    whole = [a | b for a, b in zip(lines[::2], lines[1::2], strict=False)]
    if done.returncode or len(lines) % 2:
        whole.append(lines[-1] | {"how": "killed the process", "said": done.stderr[-2_000:]})
    return whole


@pytest.mark.parametrize("target", TARGETS)
def test_a_malformed_file_ends_in_words(target: str, built_home: Path) -> None:
    count = COUNT // FEWER.get(target, 1)
    found = outcomes(target, count, built_home)
    wrong = [o for o in found if o["how"] not in ("read", "refused")]
    assert not wrong, (len(wrong), wrong[0])
    assert len(found) == count
    slow = [o for o in found if o["seconds"] > SECONDS_MOST or o["grew_mb"] > MB_MOST]
    assert not slow, slow[0]
    said = [o["said"] for o in found if o["how"] == "refused"]
    assert said, "no file was malformed: the test shows nothing"
    assert all(text and "Traceback" not in text and len(text) < 20_000 for text in said)
    print(target, Counter(o["how"] for o in found))


def test_the_same_seed_makes_the_same_file() -> None:
    good = b'{"a": [1, 2, {"b": "c"}]}'
    made = [mutate.mutated(good, seed) for seed in range(50)]
    assert made == [mutate.mutated(good, seed) for seed in range(50)]
    assert len(set(made)) > 40

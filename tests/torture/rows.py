"""What a trial counts, the table of all trials, and what trials share."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from tests.where import ROOT


@dataclass
class Row:
    """What came of one kind of trial.

    Attributes
    ----------
    what : str
    tried, kills, files, swaps : int
        Runs in all; of them killed; files damaged; databases published under readers.
    refused : int
        Runs that ended in one message and exit code 1.
    lost, wrong, tracebacks : int
        Runs after which something was gone or could not be read; rows that are not those that
        were published; runs that ended in a traceback.
    note : str
        Why a part was not tried.
    """

    what: str
    tried: int = 0
    kills: int = 0
    files: int = 0
    swaps: int = 0
    refused: int = 0
    lost: int = 0
    wrong: int = 0
    tracebacks: int = 0
    note: str = ""

    @property
    def is_sound(self) -> bool:
        """Whether nothing was lost, wrong or a traceback."""
        return not (self.lost or self.wrong or self.tracebacks)

    def ended(self, done: subprocess.CompletedProcess[str]) -> bool:
        """Count how a command ended; tell whether it was refused in one message."""
        self.tried += 1
        is_refused = done.returncode == 1 and "error:" in done.stderr
        self.refused += is_refused
        self.tracebacks += "Traceback" in done.stderr + done.stdout
        return is_refused


def table(rows: Iterable[Row]) -> str:
    """Return the rows as a table in Markdown, with sums."""
    rows = list(rows)
    names = [f.name for f in fields(Row)][1:-1]
    sums = [sum(getattr(row, name) for row in rows) for name in names]
    lines = [f"| | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for row in rows:
        note = f" ({row.note})" if row.note else ""
        lines.append(f"| {row.what}{note} | {' | '.join(str(getattr(row, n)) for n in names)} |")
    return "\n".join([*lines, f"| **all** | {' | '.join(map(str, sums))} |"])


@dataclass
class Bench:
    """What trials need.

    Attributes
    ----------
    home : Path
        A HINTERLAND_HOME with a built database, which no trial changes.
    work : Path
        An empty folder on the disk of ``home``.
    dice : random.Random
    is_long : bool
        Whether to take minutes rather than seconds.
    """

    home: Path
    work: Path
    dice: random.Random
    is_long: bool = False

    def times(self, short: int, long: int) -> int:
        """Return how often something is tried."""
        return long if self.is_long else short

    def folder(self, name: str) -> Path:
        """Return an empty folder."""
        path = self.work / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path

    def own_home(self, name: str) -> Path:
        """Return a home that shares the built database's bytes and may lose its names."""
        path = self.folder(name)
        shutil.copytree(self.home / "build", path / "build", copy_function=os.link)
        pointer = path / "build" / "current.json"
        content = pointer.read_bytes()
        pointer.unlink()  # a file of its own: the link's would be everybody's
        pointer.write_bytes(content)
        (path / "build" / "build.lock").unlink(missing_ok=True)
        return path


def command(*arguments: str) -> list[str]:
    """Return a command line of this program."""
    return [sys.executable, "-m", "pipelines", *arguments]


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return the variables of a run."""
    return os.environ | {"HINTERLAND_HOME": str(home), "COLUMNS": "200"} | more


def run(
    *arguments: str, home: Path, before: Iterable[str] = (), **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*before, *command(*arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(home, **more),
        timeout=600,
    )

"""Build several times in other circumstances and compare every published table.

``python benchmarks/hashes.py [--sources DIR]``: with three seeds of Python's hashing, on all cores
and on one, and from parts of a build before. Prints a line a table; ends with 1 if one differs.
Other Pythons are compared by ``.ci/release_check.py``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from pipelines.core.database import open_published  # noqa: E402


@dataclass(frozen=True)
class Circumstance:
    """How one build is run: its name, seed, cores and folder."""

    name: str
    seed: str
    cores: int
    folder: str


def circumstances() -> list[Circumstance]:
    """Return the builds; the second of one folder has the parts of the first at hand."""
    every = os.cpu_count() or 1
    return [
        Circumstance("seed 1, all cores", "1", every, "a"),
        Circumstance("seed 2, from parts", "2", every, "a"),
        Circumstance("seed 777, one core", "777", 1, "b"),
    ]


def tables(folder: Path) -> dict[str, tuple[int, int]]:
    """Return for each published table how many rows it has and a hash that no order changes."""
    file = json.loads((folder / "current.json").read_text("utf-8"))["file"]
    found = {}
    with open_published(folder / file) as con:
        names = con.execute(
            "select table_schema || '.' || table_name from information_schema.tables order by 1"
        ).fetchall()
        for (name,) in names:
            sums = f"select count(*), coalesce(sum(hash(whole_row)::hugeint), 0) from {name}"  # noqa: S608
            row = con.execute(f"{sums} as whole_row").fetchone()
            assert row
            found[name] = (int(row[0]), int(row[1]))
    return found


def built(run: Circumstance, folder: Path, sources: Path | None) -> dict[str, tuple[int, int]]:
    """Build once and return the hashes."""
    nothing = folder / "nothing-fetched"
    nothing.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "pipelines", "build", "--out", str(folder / run.folder)]
    command += ["--sources", str(sources or nothing)]
    more = {"PYTHONHASHSEED": run.seed, "PYTHONPATH": str(ROOT)}

    def narrow() -> None:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: run.cores])

    subprocess.run(
        command,
        check=True,
        cwd=ROOT,
        env=os.environ | more,
        stdout=subprocess.DEVNULL,
        preexec_fn=narrow,
    )
    return tables(folder / run.folder)


def main() -> int:
    """Build, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = {}
        for run in circumstances():
            results[run.name] = built(run, Path(folder), given.sources)
            print(f"built: {run.name}", file=sys.stderr, flush=True)
    first = next(iter(results.values()))
    names = sorted({name for result in results.values() for name in result})
    print(f"| table | rows | hash | the same in {len(results)} builds |\n|---|---|---|---|")
    differing = 0
    for name in names:
        values = {result.get(name) for result in results.values()}
        differing += len(values) > 1
        rows, value = first.get(name, (0, 0))
        told = "yes" if len(values) == 1 else "NO"
        print(f"| {name} | {rows:,} | {value & (2**64 - 1):016x} | {told} |")
    print(f"\n{len(names)} tables, {', '.join(results)}: {differing} differ.")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())

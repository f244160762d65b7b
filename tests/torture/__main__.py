"""``python -m tests.torture [--short] [--seed N] [NAME ...]`` (``make torture``): all trials.

Builds a database of its own, tortures it, and prints what was tried and what came of it.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from pathlib import Path

from pipelines.runner.build import build
from tests.torture.rows import Bench, Row, table
from tests.torture.trials import TRIALS


def main() -> int:
    """Run the trials; 1 where something was lost, wrong or a traceback."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(TRIALS))
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 100_000)
    parser.add_argument("--home", type=Path, help="a HINTERLAND_HOME with a database; only read")
    given = parser.parse_args()
    rows: list[Row] = []
    print(f"seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        home = given.home or Path(folder) / "home"
        if not given.home:
            build(home / "build")
        work = Path(folder) / "work"
        work.mkdir()
        os.environ["HINTERLAND_HOME"] = str(work / "own")
        bench = Bench(home, work, random.Random(given.seed), not given.short)
        for name in given.names or TRIALS:
            started = time.perf_counter()
            made = TRIALS[name](bench)
            rows += made
            print(f"{name}: {time.perf_counter() - started:.0f} s", *made, sep="\n  ", flush=True)
    print(table(rows))
    return int(not all(row.is_sound for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())

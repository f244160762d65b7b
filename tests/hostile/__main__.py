"""``python -m tests.hostile [--short] [KIND ...]`` (``make hostile``): attack a dashboard.

Serves a database of its own on this machine, for nobody else, and prints what was tried.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from pathlib import Path

from pipelines.runner.build import build
from tests.hostile.attacks import ATTACKS
from tests.hostile.visitor import attack, table


def main() -> int:
    """Attack; 1 where an attempt succeeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="; ".join(ATTACKS))
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--home", type=Path, help="a HINTERLAND_HOME with a database; only read")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        home = Path(folder)
        if given.home:
            shutil.copytree(given.home / "build", home / "build", copy_function=os.link)
        else:
            build(home / "build")
        rows = attack(home, not given.short, tuple(given.kinds))
    print(table(rows))
    for row in rows:
        for text in row.said:
            print(f"{row.kind}: {text}")
    return int(any(row.said for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())

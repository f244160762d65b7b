"""Hold our numbers against those of other programs and of publishers, line by line.

``python benchmarks/validate.py [NAME …]`` runs the commands that docs/validation.md names, tells
of each whether it held, and ends with 1 if one did not. What is not at hand (a program of
``requirements-bench.lock``, the publishers' files in ../shared/data) is told and left out.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
TABLE = "benchmarks/table.py --quick --only"


@dataclass(frozen=True)
class Line:
    """One check: what it holds, the command behind ``python``, and what that needs."""

    claim: str
    command: str
    module: str = ""
    files: str = ""
    shows: int = 6

    def lacks(self) -> str:
        """Return what is not at hand, or nothing."""
        if self.module and importlib.util.find_spec(self.module) is None:
            return f"the package {self.module}"
        if self.files and not (SHARED / self.files).is_dir():
            return f"../shared/data/{self.files}"
        return ""


LINES = {
    "access": Line("E2SFCA equals PySAL's", f"{TABLE} e2sfca", "access"),
    "pandana": Line("minutes to the nearest site equal pandana's", f"{TABLE} nearest", "pandana"),
    "networkx": Line("and NetworkX's", f"{TABLE} nearest", "networkx"),
    "whatif": Line("a what-if equals a search anew", f"{TABLE} what_if"),
    "straight": Line("nearest on straight lines equal GeoPandas'", f"{TABLE} straight"),
    "gower": Line("distances of towns equal gower's", f"{TABLE} likeness", "gower"),
    "eurostat": Line("Eurostat's TSV reads as the package eurostat's", f"{TABLE} parse"),
    "jrc": Line(
        "NUTS conversion equals the JRC's weights by hand",
        "-m pytest -q tests/unit/nuts/test_nuts.py",
        files="jrc",
    ),
    "osrm": Line(
        "minutes beside OSRM's, Italy's and Germany's published figures",
        "-m benchmarks.travel_truth",
        files="osrm",
        shows=40,
    ),
    "published": Line(
        "figures of Eurostat's yearbook and official classes",
        "-m pytest -q tests/serve/test_against_official.py",
        files="gisco",
    ),
    "hashes": Line("each build gives the same tables", "benchmarks/hashes.py", shows=2),
}


def ran(line: Line) -> bool:
    """Run one command; print its last lines and tell whether it held."""
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    run = subprocess.run(
        [sys.executable, *line.command.split()], capture_output=True, text=True, cwd=ROOT
    )
    told = [text for text in run.stdout.splitlines() if text.strip()] or run.stderr.splitlines()
    print("\n".join(f"    {text}" for text in told[-line.shows :]), flush=True)
    return run.returncode == 0


def main(names: list[str]) -> int:
    """Run the lines of some names, or all."""
    if unknown := sorted(set(names) - set(LINES)):
        raise SystemExit(f"no such line: {', '.join(unknown)}; there are {', '.join(LINES)}")
    broken, done = [], set()
    for name in names or LINES:
        line = LINES[name]
        if lacking := line.lacks():
            print(f"{name}: not at hand: {lacking}", flush=True)
            continue
        if line.command in done:
            continue  # its peers were in the same run
        done.add(line.command)
        print(f"{name}: {line.claim}: python {line.command}", flush=True)
        if not ran(line):
            broken.append(name)
    print(f"{len(done)} run, {len(broken)} did not hold" + (f": {broken}" if broken else ""))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

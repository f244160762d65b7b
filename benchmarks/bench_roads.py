"""OSRM on real extracts: time, memory, and what the stored minutes change in a build.

Run: ``python benchmarks/bench_roads.py FOLDER [PYTHON]``. ``FOLDER`` holds ``andorra.osm.pbf`` and
``liechtenstein.osm.pbf``; ``PYTHON`` is one with the extra ``roads``, by default this one. Both are
stored in a home of their own, to towns and to services by car and on foot; then the database is
built without and with them. The tables of ``docs/travel-time.md`` are what this prints.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

EXTRACTS = {"AD": "andorra", "LI": "liechtenstein"}
RUNS = (("towns", "car"), ("services", "car"), ("services", "foot"))
#: Columns of the marts whose classes may change.
CLASSES = ("remoteness", "role", "smst_type", "tiers_beyond_target")
MEASURES = ("minutes_to_town", "minutes_to_town_10k", "minutes_to_city")


def run(python: str, home: Path, *arguments: str) -> float:
    """Run a command; return its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | {"HINTERLAND_HOME": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [python, "-m", "pipelines", *arguments], capture_output=True, text=True, env=environment
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rows(home: Path) -> dict[int, dict[str, Any]]:
    """Return what a database says of the settlements of both countries, and on foot."""
    from pipelines.serve.store import Store

    found = Store.current(home / "build").rows(
        "select * from marts.towns where country in ('AD', 'LI') order by geonameid"
    )
    return {row["geonameid"]: row for row in found}


def on_foot(home: Path) -> list[dict[str, Any]]:
    """Return the minutes on foot to the nearest basic centre, by settlement."""
    from pipelines.serve.store import Store

    return Store.current(home / "build").rows(
        "select geonameid, country, minutes_walk from marts.access join marts.towns "
        "using (geonameid) where service = 'basic_centre' and country in ('AD', 'LI')"
    )


def compare(before: dict[int, dict[str, Any]], after: dict[int, dict[str, Any]]) -> None:
    """Print medians, bands and classes of both countries, before and after."""
    import numpy as np

    for country in EXTRACTS:
        ids = [key for key, row in before.items() if row["country"] == country]
        for measure in MEASURES:
            pairs = np.array(
                [[state[key][measure] for state in (before, after)] for key in ids], float
            )
            away = pairs[pairs[:, 0] > 0]
            medians = np.median(away, axis=0)
            bands = [
                f"within {m}: {(pairs[:, 0] <= m).sum()} / {(pairs[:, 1] <= m).sum()}"
                for m in (10, 20)
            ]
            words = f"{country} {measure}, {len(ids)} settlements: estimate / build with matrices"
            print(f"{words} {medians[0]:.1f} / {medians[1]:.1f}; {'; '.join(bands)}")
        for name in CLASSES:
            changed = [key for key in ids if before[key][name] != after[key][name]]
            told = "; ".join(
                f"{before[key]['name']}: {before[key][name]} -> {after[key][name]}"
                for key in changed
            )
            print(f"{country} {name}: {len(changed)} of {len(ids)} changed. {told}")


def main(folder: Path, python: str) -> None:
    """Store both extracts, build, and print what changed."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        home.mkdir()
        seconds = run(sys.executable, home, "build")
        print(f"build without: {seconds:.1f} s of CPU")
        before, straight = rows(home), on_foot(home)
        for stem in EXTRACTS.values():
            for to, mode in RUNS:
                started = time.perf_counter()
                file = str(folder / f"{stem}.osm.pbf")
                arguments = ["roads", file, "--store", "--to", to, "--mode", mode]
                seconds = run(python, home, *arguments)
                wall = time.perf_counter() - started
                print(f"{stem} to {to}, {mode}: {seconds:.1f} s of CPU, {wall:.1f} s in all")
        print(f"disk of the networks: {size(home / 'roads') / 1e6:.0f} MB")
        peak = memory(python, home, folder)
        print(f"peak memory of the command and its steps: {peak:.2f} GB")
        seconds = run(sys.executable, home, "build")
        print(f"build with the matrices: {seconds:.1f} s of CPU")
        compare(before, rows(home))
        walks = {row["geonameid"]: row["minutes_walk"] for row in on_foot(home)}
        for row in straight:
            a, b = row["minutes_walk"], walks[row["geonameid"]]
            if a or b:
                print(f"{row['country']} {row['geonameid']} on foot: straight {a}, OSRM {b}")


def memory(python: str, home: Path, folder: Path) -> float:
    """Return the peak memory (GB) of a first run on the larger extract, in a child of its own."""
    shutil.rmtree(home / "roads")
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, capture_output=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6)"
    )
    out = home / "again.parquet"
    command = [python, "-m", "pipelines", "roads", str(folder / "andorra.osm.pbf"), "-o", str(out)]
    environment = os.environ | {"HINTERLAND_HOME": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code, *command],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    return float(done.stdout)


def size(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) == 3 else sys.executable)

"""An education file of 300 000 rows: how long it takes to read, and what it adds to a build.

The rows are settlements moved by some two kilometres: only their number and spread are real.
Run: ``python benchmarks/bench_education.py``.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from measure import measured, verdict  # noqa: E402

from pipelines.runner.build import build  # noqa: E402
from pipelines.sources import gisco_education  # noqa: E402
from pipelines.travel import embedded  # noqa: E402
from tests.standin.made import EDUCATION_HEADER  # noqa: E402

ROWS = 300_000
LEVELS = {
    "1": 0.3,
    "0-1": 0.1,
    "1-2": 0.2,
    "1-2-3": 0.05,
    "2": 0.1,
    "2-3": 0.1,
    "3": 0.08,
    "5-8": 0.02,
    "6": 0.02,
    "": 0.03,
}


def write(path: Path) -> None:
    """Write the file; larger places have more schools, but fewer by head."""
    table, random = embedded.settlements(), np.random.default_rng(1)
    lon, lat, people = (
        np.nan_to_num(np.asarray(table[name].to_numpy(zero_copy_only=False), float))
        for name in ("lon", "lat", "population")
    )
    weight = np.maximum(people, 300) ** 0.8
    at = random.choice(len(lon), ROWS, p=weight / weight.sum())
    moved = random.normal(0, 0.02, (2, ROWS))
    levels = random.choice(list(LEVELS), ROWS, p=list(LEVELS.values()))
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.DictWriter(handle, EDUCATION_HEADER, restval="")
        writer.writeheader()
        for n in range(ROWS):
            writer.writerow(
                {
                    "id": f"X_{n}",
                    "name": f"School {n}",
                    "lon": lon[at[n]] + moved[0, n],
                    "lat": lat[at[n]] + moved[1, n],
                    "street": "A street",
                    "postcode": "12345",
                    "address": "A street 1, 12345 A town",
                    "city": "A town",
                    "cntr_id": "DE",
                    "levels": levels[n],
                    "enrollment": n % 900,
                    "public_private": "public",
                    "ref_date": "01/09/2022",
                    "pub_date": "15/12/2023",
                    "geo_qual": 1 + n % 4,
                }
            )


def main() -> None:
    """Read the file, build without and with it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "sources" / "gisco" / "education_services.csv"
        write(path)
        with measured(f"read {ROWS:,} sites") as reading:
            gisco_education.read_both(path)
        verdict(f"read in 10 s: {reading.seconds:.1f} s", reading.seconds <= 10)
        with measured("build of the embedded default") as without:
            build(folder / "without")
        with measured("build with the education file") as with_it:
            build(folder / "with", folder / "sources")
        more = with_it.seconds - without.seconds
        verdict(f"build at most 60 s longer: {more:.1f} s", more <= 60)
        verdict(f"build in 3 GB: {with_it.peak_gb:.2f} GB", with_it.peak_gb <= 3)


if __name__ == "__main__":
    main()

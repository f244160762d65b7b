"""How time and memory grow with the data: once, four and sixteen times as much of each.

``python benchmarks/growth.py [--json FILE] [--only NAME …] [--most N]``. Each size runs in a
process of its own; seconds are the processor's, and the exponent is the slope between the smallest
and the largest size: 1 is in proportion, 2 the square. What is added is made up: settlements and
sites beside real ones (seeded), copies of the catalogue's rows, earlier years of a made-up table.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from table import commit, machine  # noqa: E402

if TYPE_CHECKING:
    from pipelines.travel.network import Network

TIMES = (1, 4, 16)
JITTER_DEG = 0.05
ORIGINS = 100_000
Work = Callable[[], None]


def more_settlements(times: int) -> pa.Table:
    """Return the embedded settlements and copies of them some kilometres away."""
    from pipelines.travel import embedded

    table, random = embedded.settlements(), np.random.default_rng(1)
    copies = [table]
    for number in range(1, times):
        moved = table
        for name in ("lon", "lat"):
            shift = random.uniform(-JITTER_DEG, JITTER_DEG, len(table))
            column = pa.array(table[name].to_numpy() + shift)
            moved = moved.set_column(moved.column_names.index(name), name, column)
        keys = pa.array(table["geonameid"].to_numpy() + number * 10**9)
        copies.append(moved.set_column(moved.column_names.index("geonameid"), "geonameid", keys))
    return pa.concat_tables(copies)


def network(times: int) -> Work:
    """Build the network of so many settlements; leave it for the works that use it."""
    from pipelines.travel import embedded

    table = more_settlements(times)

    def work() -> None:
        pq.write_table(embedded.network(table).links_table(), _links(times))

    return work


def _links(times: int) -> Path:
    return Path(os.environ["GROWTH_FOLDER"]) / f"links-{times}.parquet"


def ready_network(times: int) -> Network:
    """Return the network of so many settlements, built once a run."""
    from pipelines.travel.network import network_from_table

    if not _links(times).is_file():
        network(times)()
    return network_from_table(more_settlements(times), pq.read_table(_links(times)))


def remoteness(times: int) -> Work:
    """Measure minutes to towns of six sizes of so many settlements."""
    from pipelines.travel import TravelConstants, embedded
    from pipelines.travel.remoteness import SizeSteps, travel_minutes

    rows, net = embedded.thresholds(), ready_network(times)
    travel, steps = TravelConstants.from_thresholds(rows), SizeSteps.from_thresholds(rows)

    def work() -> None:
        travel_minutes(net, steps, travel)

    return work


def _reach(settlements: int, sites: int) -> Work:
    from cases_reach import SITES, constants, sites_of

    from pipelines.reach.engine import reach

    net = ready_network(settlements)
    some, limits = sites_of(net, SITES * sites), constants()

    def work() -> None:
        reach(net, some, *limits)

    return work


def reach_of_settlements(times: int) -> Work:
    """Measure reach of 12,800 sites from so many settlements."""
    return _reach(times, 1)


def reach_of_sites(times: int) -> Work:
    """Measure reach of so many sites from all settlements."""
    return _reach(1, times)


def origins(times: int) -> Work:
    """Measure all columns of so many points of one's own."""
    from cases_reach import constants, sites_of

    from pipelines.reach.engine import reach
    from pipelines.reach.origins import from_origins, snap_origins
    from pipelines.travel import embedded
    from pipelines.travel.remoteness import SizeSteps, travel_minutes

    net, random, size = ready_network(1), np.random.default_rng(1), ORIGINS * times
    travel, limits = constants()
    steps = travel_minutes(net, SizeSteps.from_thresholds(embedded.thresholds()), travel)
    result = reach(net, sites_of(net), travel, limits)
    at = random.integers(0, len(net.settlements), size)
    lon = net.settlements.lon[at] + random.uniform(-JITTER_DEG, JITTER_DEG, size)
    lat = net.settlements.lat[at] + random.uniform(-JITTER_DEG, JITTER_DEG, size)

    def work() -> None:
        from_origins(net, snap_origins(net, lon, lat, travel), steps, result, limits)

    return work


def catalogue(times: int) -> Work:
    """Read and check a catalogue of so many times the rows, each copy under keys of its own."""
    from pipelines.catalogue.load import check
    from pipelines.catalogue.schema import read_schema
    from pipelines.core import paths

    folder = Path(tempfile.mkdtemp(prefix="catalogue-"))
    schema = read_schema(paths.catalogue_dir())
    (folder / "schema.toml").write_bytes((paths.catalogue_dir() / "schema.toml").read_bytes())
    own = {
        (table.name, name)
        for table in schema.tables.values()
        for names in (table.primary_key, *table.unique)
        # Where a key points to other rows, their marks make it new.
        if table.file and not any(table.columns[n].references for n in names)
        for name in names
        if table.columns[name].type in ("id", "text") and not table.columns[name].closed_list
    }
    for table in schema.tables.values():
        if not table.file:
            continue
        marked = [
            name
            for name, column in table.columns.items()
            if tuple((column.references or "").split(".")) in own or (table.name, name) in own
        ]
        # A table whose key is a closed list cannot grow.
        copies = times if set(marked) & set(table.primary_key) else 1
        _copy(paths.catalogue_dir() / table.file, folder / table.file, marked, copies)
    findings = check(folder)
    assert not findings, findings[:5]

    def work() -> None:
        check(folder)

    return work


def _copy(source: Path, target: Path, marked: list[str], times: int) -> None:
    """Write a table's rows so many times, with another mark in the marked columns each time."""
    with source.open(encoding="utf-8", newline="") as read:
        rows = list(csv.DictReader(read))
    with target.open("w", encoding="utf-8", newline="") as written:
        writer = csv.DictWriter(written, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        for number in range(times):
            for row in rows:
                new = {
                    name: ";".join(f"{part}-copy{number}" for part in row[name].split(";"))
                    for name in marked
                    if row[name] and number
                }
                writer.writerow(row | new)


def years(times: int) -> Work:
    """Read a table of Eurostat's with so many times ten years."""
    from cases_files import YEARS, written_tsv

    from pipelines.sources import eurostat_tsv

    path = written_tsv(Path(tempfile.mkdtemp(prefix="years-")) / "t.tsv.gz", YEARS * times)
    names = "freq unit sex age geo".split()
    declared = SimpleNamespace(columns=dict.fromkeys([*names, *eurostat_tsv.OBSERVATION]), extra={})

    def work() -> None:
        eurostat_tsv.read(path, declared)

    return work


WORKS: dict[str, tuple[str, Callable[[int], Work]]] = {
    "network": ("settlements: the network built", network),
    "remoteness": ("settlements: minutes to towns of six sizes", remoteness),
    "reach_of_settlements": ("settlements: reach of 12,800 sites", reach_of_settlements),
    "reach_of_sites": ("sites: reach of 12,800 times as many", reach_of_sites),
    "origins": ("points of one's own: 100,000 times as many, all columns", origins),
    "catalogue": ("catalogue: read and checked", catalogue),
    "years": ("years of Eurostat: 855,000 cells times as many, read", years),
}


def one(name: str, times: int) -> dict[str, float]:
    """Measure one size in this process."""
    work = WORKS[name][1](times)
    started, used = time.perf_counter(), time.process_time()
    work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return {
        "times": times,
        "cpu": time.process_time() - used,
        "wall": time.perf_counter() - started,
        "peak_mb": round(peak),
    }


def exponent(sizes: list[dict[str, float]]) -> float:
    """Return the slope of time over size between the smallest and the largest."""
    first, last = sizes[0], sizes[-1]
    return math.log(last["cpu"] / first["cpu"]) / math.log(last["times"] / first["times"])


def rows(lines: list[dict[str, Any]]) -> list[str]:
    """Return the rows of the table in Markdown: CPU seconds and memory at each size."""
    out = [
        "| what grows | × 1 | × 4 | × 16 | exponent |",
        "|---|---|---|---|---|",
    ]
    for line in lines:
        cells = [f"{s['cpu']:.2f} s, {s['peak_mb']} MB" for s in line["sizes"]]
        cells += [""] * (len(TIMES) - len(cells))
        out.append(f"| {line['title']} | {' | '.join(cells)} | {line['exponent']:.2f} |")
    return out


def measured(name: str, most: int) -> dict[str, Any]:
    """Measure every size of one work, each in a process of its own."""
    sizes = []
    for times in (t for t in TIMES if t <= most):
        command = [sys.executable, __file__, "--one", name, str(times)]
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        sizes.append(json.loads(run.stdout.strip().splitlines()[-1]))
        print(name, sizes[-1], file=sys.stderr, flush=True)
    return {"name": name, "title": WORKS[name][0], "sizes": sizes, "exponent": exponent(sizes)}


def main() -> int:
    """Measure every size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", nargs="+", default=list(WORKS), choices=list(WORKS))
    parser.add_argument("--most", type=int, default=max(TIMES), help="the largest size")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(one(given.one[0], int(given.one[1]))))
        return 0
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GROWTH_FOLDER"] = folder
        lines = [measured(name, given.most) for name in given.only]
    print("\n".join(rows(lines)))
    if given.json:
        old = json.loads(given.json.read_text("utf-8")) if given.json.is_file() else {"lines": []}
        by_name = {line["name"]: line for line in [*old["lines"], *lines]}
        result = {"date": date.today().isoformat(), "commit": commit(), "machine": machine()}
        result["lines"] = [by_name[name] for name in WORKS if name in by_name]
        given.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""How time and memory of ``hinterland cells`` grow, up to ten million cells.

Run: ``python benchmarks/bench_cells.py [--write] [millions ...]`` with a database
(``HINTERLAND_HOME``); ``--write`` keeps the result in ``cells.json`` and renews the docs.
The cells are made up: places drawn from the settlements and moved by up to five kilometres
(seeded), in order of their places as a grid's file is, with 0 to 199 people each. Each size
is a command in a process of its own. Processor seconds are counted, for wall time says more of
the machine.
"""

from __future__ import annotations

import itertools
import json
import resource
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from measure import verdict  # noqa: E402
from table import commit, machine  # noqa: E402

from pipelines.serve.store import Store  # noqa: E402

MILLIONS = (1.0, 4.0, 10.0)
_BLOCK = 1_000_000


def make_grid(path: Path, count: int) -> None:
    """Write cells around settlements, a block at a time."""
    nodes = Store.current().arrow("select lon, lat from indicators.ind_settlement__node")
    order = np.lexsort((nodes["lon"].to_numpy(), np.floor(nodes["lat"].to_numpy() * 10)))
    lon, lat = (nodes[name].to_numpy()[order] for name in ("lon", "lat"))
    rng = np.random.default_rng(20261126)
    schema = pa.schema(
        [("cell_id", pa.int64()), ("lon", pa.float64()), ("lat", pa.float64()), ("people", "int32")]
    )
    with pq.ParquetWriter(path, schema) as writer:
        for low in range(0, count, _BLOCK):
            row = np.arange(low, min(low + _BLOCK, count))
            pick = row * len(lon) // count
            columns = [
                row,
                lon[pick] + rng.uniform(-0.05, 0.05, len(row)),
                lat[pick] + rng.uniform(-0.05, 0.05, len(row)),
                rng.integers(0, 200, len(row), dtype=np.int32),
            ]
            writer.write_table(pa.table(columns, schema=schema), row_group_size=250_000)


def one(millions: float) -> tuple[float, float]:
    """Measure one size; returns processor seconds and the most memory (GB)."""
    with tempfile.TemporaryDirectory() as folder:
        grid, out = Path(folder) / "grid.parquet", Path(folder) / "out"
        make_grid(grid, round(millions * 1e6))
        command = [sys.executable, "-m", "pipelines", "cells", str(grid), "--out", str(out)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        code = (
            "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, "
            "capture_output=True); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        )
        run = subprocess.run(
            [sys.executable, "-c", code, *command],
            check=True,
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return cpu, int(run.stdout) * 1024 / 1e9


def exponent(lines: list[dict[str, float]]) -> float:
    """Return the slope of processor seconds over cells, both as logarithms."""
    million, cpu = ([line[name] for line in lines] for name in ("millions", "cpu"))
    return float(np.polyfit(np.log(million), np.log(cpu), 1)[0])


def rows(lines: list[dict[str, float]]) -> list[str]:
    """Word the sizes as rows of a table."""
    out = ["| cells | processor seconds | memory | a further million |", "|---|---|---|---|"]
    more = ["", *(f"{seconds:.1f} s" for seconds in further(lines))]
    for line, rate in zip(lines, more, strict=True):
        cells = f"{line['millions']:g} million", f"{line['cpu']:.1f}", f"{line['peak_gb']:.2f} GB"
        out.append(f"| {' | '.join(cells)} | {rate} |")
    return out


def further(lines: list[dict[str, float]]) -> list[float]:
    """Return the seconds of each further million between one size and the next.

    The base costs the same for any number of cells, and flatters the exponent.
    """
    pairs = itertools.pairwise(lines)
    return [(b["cpu"] - a["cpu"]) / (b["millions"] - a["millions"]) for a, b in pairs]


def main() -> None:
    """Run every size and say how cost grows."""
    words = sys.argv[1:]
    sizes = [float(text) for text in words if text != "--write"] or list(MILLIONS)
    lines: list[dict[str, float]] = []
    for size in sizes:
        cpu, peak = one(size)
        lines.append({"millions": size, "cpu": cpu, "peak_gb": peak})
        print(f"{size:>6g} million cells: CPU {cpu:7.1f} s, {peak:.2f} GB", flush=True)
    if len(sizes) > 1:
        slope = exponent(lines)
        verdict(f"exponent of growth at most 1.1: {slope:.2f}", slope <= 1.1)
        told = ", ".join(f"{s:.1f}" for s in further(lines))
        print("seconds of each further million:", told)
    most = max(line["peak_gb"] for line in lines)
    verdict(f"{max(sizes):g} million cells within 3 GB: {most:.2f} GB", most <= 3)
    if "--write" in words:
        result = {"date": str(date.today()), "commit": commit(), "machine": machine()}
        text = json.dumps(result | {"lines": lines}, indent=1)
        (ROOT / "benchmarks" / "cells.json").write_text(text + "\n", "utf-8")
        import written

        written.main()


if __name__ == "__main__":
    main()

"""A census grid of 2.5 million inhabited cells: how long it takes to read, to place and to weigh.

The cells are made up: kilometre squares scattered around settlements, with the official people
of their country spread over them at random. Number, spread and columns are the publisher's, the
figures are nobody's. Written country by country, so that memory stays small.
Run: ``python benchmarks/bench_grid.py``.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from measure import measured, verdict  # noqa: E402

from pipelines.core.pointer import read_pointer  # noqa: E402
from pipelines.core.registry import read_registry  # noqa: E402
from pipelines.geo.projection import to_laea  # noqa: E402
from pipelines.runner.build import build  # noqa: E402
from pipelines.sources.eurostat_grid import read  # noqa: E402

#: Drawn; where settlements stand close the same cell is drawn twice, and some 2.5 million are left.
CELLS = 3_600_000
SPREAD_KM = 4.0
ROUNDS = 6
#: Uninhabited cells for each inhabited one, and rows that hold none of what they should.
EMPTY_SHARE, TRAP_SHARE = 0.25, 0.001
HEADER = (
    "GRD_ID,T,M,F,Y_LT15,Y_1564,Y_GE65,EMP,NAT,EU_OTH,OTH,SAME,CHG_IN,CHG_OUT,LAND_SURFACE,"
    "POPULATED,CNTR_ID"
)
OUTSIDE = ("UK", "TR", "AL", "ME", "MK", "RS", "IS", "BA", "XK")  # the grid does not cover them


def write(path: Path, database: Path) -> int:
    """Write the publisher's zip around the settlements of a database; return inhabited cells."""
    con = duckdb.connect(str(database), read_only=True)
    places = con.execute(
        "select country, lon, lat from marts.towns where nuts_id is not null "
        "and not list_contains(?, country) order by country, geonameid",
        [list(OUTSIDE)],
    ).fetchnumpy()
    people = dict(con.execute("select country, official_people from marts.people_bases").fetchall())
    random, per_place = np.random.default_rng(1), CELLS / len(places["country"])
    made, taken = 0, np.empty(0, np.int64)
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        name = "Eurostat_Census-GRID_2021_V3/ESTAT_Census_2021_V3.csv"
        with archive.open(name, "w", force_zip64=True) as stream:
            stream.write(HEADER.encode() + b"\n")
            for country in np.unique(places["country"].astype(str)):
                mine = places["country"] == country
                x, y = to_laea(places["lon"][mine], places["lat"][mine])
                keys = _cells(x / 1000, y / 1000, per_place, taken, random)
                taken = np.union1d(taken, keys)
                made += _country(stream, country, keys, people[country], random)
    return made


def _cells(x, y, per_place, taken, random):  # type: ignore[no-untyped-def]
    """Return the cells of one country around its settlements (km), but those of its neighbours."""
    number = int(per_place * len(x) * (1 + EMPTY_SHARE))
    keys = np.empty(0, np.int64)
    for _ in range(ROUNDS):  # where settlements stand close there is no room for all
        at = random.integers(0, len(x), number)
        east, north = (np.floor(v[at] + random.normal(0, SPREAD_KM, number)) for v in (x, y))
        more = (north * 100_000 + east).astype(np.int64)
        keys = np.setdiff1d(np.concatenate([keys, more]), taken)
        if len(keys) >= number:
            break
    return np.sort(random.permutation(keys)[:number])


def _country(stream, country, keys, people, random) -> int:  # type: ignore[no-untyped-def]
    """Write the cells of one country."""
    number = len(keys)
    inhabited = random.random(number) < 1 / (1 + EMPTY_SHARE)
    weight = np.where(inhabited, random.lognormal(0, 1.5, number), 0.0)
    count = np.where(inhabited, np.maximum(np.round(weight / weight.sum() * people), 1), 0)
    count = np.where(random.random(number) < TRAP_SHARE, -8888, count).astype(np.int64)
    name = [f"CRS3035RES1000mN{k // 100_000}000E{k % 100_000}000" for k in keys.tolist()]
    rest = {c: pa.array(np.maximum(count, 0) // 2) for c in HEADER.split(",")[2:-3]}
    table = pa.table(
        {"GRD_ID": name, "T": count, **rest, "LAND_SURFACE": np.ones(number)}
        | {"POPULATED": (count > 0).astype(int), "CNTR_ID": [country] * number}
    )
    options = pcsv.WriteOptions(include_header=False, quoting_style="none")
    pcsv.write_csv(table, stream, options)
    return int((count > 0).sum())


def one(step: str, folder: Path) -> None:
    """Run one step in this process; its last line is read by :func:`main`."""
    started = time.process_time()
    with measured(step) as took:
        if step == "read":
            source = read_registry()["eurostat_census_grid"]
            read(folder / "sources" / source.path, source)
        else:
            build(folder / step, folder / "sources" if step == "grid" else None)
    print(took.seconds, time.process_time() - started, took.peak_gb)


def _run(step: str, folder: Path) -> tuple[float, float, float]:
    run = subprocess.run(
        [sys.executable, __file__, step, str(folder)], capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise SystemExit(run.stderr)
    wall, cpu, peak = map(float, run.stdout.strip().splitlines()[-1].split())
    print(f"{step:<10} {wall:6.1f} s wall, {cpu:6.1f} s CPU, peak {peak:.2f} GB", flush=True)
    return wall, cpu, peak


def main() -> None:
    """Build without the grid and with it, each in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = _run("base", folder)
        source = read_registry()["eurostat_census_grid"]
        database = folder / "base" / read_pointer(folder / "base").file
        with measured("writing the grid") as written:
            made = write(folder / "sources" / source.path, database)
        _run("read", folder)
        grid = _run("grid", folder)
        con = duckdb.connect(
            str(folder / "grid" / read_pointer(folder / "grid").file), read_only=True
        )
        by_grid, people = con.execute(
            "select count(*) filter (where people_basis = 'census grid'), sum(grid_people) "
            "from marts.people_bases"
        ).fetchall()[0]
        print(f"{made:,} inhabited cells, {people:,} people, {by_grid} countries by the grid")
        verdict(f"written in 1 GB: {written.peak_gb:.2f} GB", written.peak_gb <= 1)
        added = grid[1] - base[1]
        verdict(f"the grid adds at most 60 s of CPU: {added:.1f} s", added <= 60)
        verdict(f"the whole build within 3 GB: {grid[2]:.2f} GB", grid[2] <= 3)
        verdict(f"most countries of the grid are counted by it: {by_grid}", by_grid >= 25)


if __name__ == "__main__":
    one(sys.argv[1], Path(sys.argv[2])) if len(sys.argv) > 2 else main()

"""Cases of files: the build, Eurostat's tables read, a visitor's places, every export, commands."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
from registry import Case, Floats, Spent, Step

from pipelines.serve import export, place_files
from pipelines.serve.crossing import regions as crossed
from pipelines.serve.crossing_filter import CrossingFilter
from pipelines.serve.demography import regions as shrinking
from pipelines.serve.reach import network
from pipelines.serve.shrinking_filter import ShrinkingFilter
from pipelines.serve.store import Store
from pipelines.serve.writers import to_geo
from pipelines.sources import eurostat_tsv

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT.parent / "shared" / "data"
PLACES = 40_000
LT_SHEETS = 10  # regions of level 3
REGIONS, AGES, YEARS = 1_500, 57, 10  # rows and columns of the made-up table of Eurostat


def run(*arguments: str, home: Path | None = None) -> Spent:
    """Run a command of the program in a process of its own; measure it and its memory."""
    more = {"HINTERLAND_HOME": str(home)} if home else {}
    environment = os.environ | more
    alone = [sys.executable, "-S", "-I", str(ROOT / "benchmarks" / "alone.py"), sys.executable]
    done = subprocess.run(
        [*alone, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    *_, told = done.stdout.strip().splitlines()
    wall, cpu, peak, code = map(float, told.split())
    if code:
        raise RuntimeError(f"{arguments}: {done.stderr[-500:]}")
    return Spent(wall, cpu, peak)


def first_build(_home: Path, sources: Path | None = None) -> Step:
    """Build in an empty folder."""
    more = ["--sources", str(sources)] if sources else []

    def step() -> Spent:
        with tempfile.TemporaryDirectory() as folder:
            nothing = Path(folder) / "home"
            return run("-m", "pipelines", "build", "--out", f"{folder}/b", *more, home=nothing)

    return step


def next_build(home: Path) -> Step:
    """Build once more in a folder that has a database, and parts, of the same inputs."""
    run("-m", "pipelines", "build", home=home)

    def step() -> Spent:
        return run("-m", "pipelines", "build", home=home)

    return step


def written_tsv(path: Path, years: int = YEARS) -> Path:
    """Write a made-up table as Eurostat publishes them (seeded): values, flags, gaps."""
    random = np.random.default_rng(1)
    head = "freq,unit,sex,age,geo\\TIME_PERIOD"
    rows = [head + "\t" + "\t".join(f"{2023 - y} " for y in range(years))]
    flags = np.array(["", "", "", "", "", "", "", " b", " e", " p"])
    for age in range(AGES):
        values = random.integers(0, 90_000, (REGIONS, years))
        marks = flags[random.integers(0, len(flags), (REGIONS, years))]
        for region in range(REGIONS):
            key = f"A,NR,T,Y{age},XX{region:04d}"
            cells = [
                ": " if v % 50 == 0 else f"{v}{m} "
                for v, m in zip(values[region], marks[region], strict=True)
            ]
            rows.append(key + "\t" + "\t".join(cells))
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(("\r\n".join(rows) + "\r\n").encode())
    return path


def table_path(home: Path) -> Path:
    """Return the made-up table, written once a run."""
    path = home / "demo_made_up.tsv.gz"
    return path if path.is_file() else written_tsv(path)


def ordered(frame: pd.DataFrame) -> Floats:
    """Return the values of a long table in the order of its keys."""
    return frame.sort_values(["age", "geo", "time_period"])["obs_value"].to_numpy(dtype=float)


def our_parse(home: Path) -> Step:
    """Read the table to one row a cell, with value and flag."""
    path = table_path(home)
    names = "freq unit sex age geo".split()
    declared = SimpleNamespace(columns=dict.fromkeys([*names, *eurostat_tsv.OBSERVATION]), extra={})
    check = ordered(eurostat_tsv.read(path, declared).to_pandas())

    def step() -> Floats:
        eurostat_tsv.read(path, declared)
        return check

    return step


def eurostat_parse(home: Path) -> Step:
    """Do so with the package ``eurostat``, of which only the download is replaced."""
    import eurostat.eurostat as package

    path, names = table_path(home), vars(package)
    answer = SimpleNamespace(content=path.read_bytes())
    names["__get_dims_info__"] = lambda *_, **__: ["ESTAT", "EUROSTAT", []]
    names["__get_resp__"] = lambda *_, **__: answer

    def step() -> Floats:
        return ordered(_lengthened(package.get_data_df(path.stem, flags=True)))

    return step


def _lengthened(wide: pd.DataFrame) -> pd.DataFrame:
    """Turn the package's wide frame (``2014_value``, ``2014_flag``, ...) into a long one."""
    dims = [name for name in wide.columns if not name.endswith(("_value", "_flag"))]
    values = [name for name in wide.columns if name.endswith("_value")]
    long = wide.melt(id_vars=dims, value_vars=values, var_name="time_period", value_name="v")
    flags = [name.replace("_value", "_flag") for name in values]
    long["obs_flag"] = wide.melt(value_vars=flags)["value"]
    long["time_period"] = long["time_period"].str.partition("_")[0].astype(int)
    long.columns = [name.partition("\\")[0] for name in long.columns]
    long["obs_value"] = pd.to_numeric(long["v"], errors="coerce")
    return long


def pandas_parse(home: Path) -> Step:
    """Do so with pandas: read text, melt, split each cell by a regular expression."""
    path = table_path(home)

    def step() -> Floats:
        wide = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
        first = wide.columns[0]
        long = wide.melt(id_vars=first, var_name="time_period", value_name="cell")
        long[first.partition("\\")[0].split(",")] = long[first].str.split(",", expand=True)
        parts = long["cell"].str.extract(r"^\s*(?P<v>:|[-+]?[\d.eE+-]+)?\s*(?P<f>[A-Za-z]*)\s*$")
        long["obs_value"] = pd.to_numeric(parts["v"].where(parts["v"] != ":"))
        long["time_period"] = long["time_period"].str.strip().astype(int)
        return ordered(long)

    return step


def own_places(home: Path) -> Step:
    """Read, check and measure a visitor's file of social places."""
    store = Store.current(home / "build")
    at = store.rows(
        "select lon, lat, country from marts.towns where country in ('DE', 'IT', 'PL', 'BE', 'EL') "
        "order by geonameid"
    )
    path = home / "mine.csv"
    with path.open("w", encoding="utf-8") as stream:
        stream.write("id,name,kind,type,country,lon,lat,source\n")
        for number in range(PLACES):
            t = at[number * 7919 % len(at)]
            spot = f"{t['country']},{t['lon']:.3f},{t['lat']:.3f}"
            stream.write(f"{number},P{number},place,cafe_pub,{spot},me\n")
    network(store)

    def step() -> None:
        place_files.measure(store, path)

    return step


def demography_dials(home: Path) -> Step:
    """Class all regions with thresholds that nobody moved so before."""
    store, turn = Store.current(home / "build"), iter(range(1000))

    def step() -> None:
        moved = (("shrinking_severe_annual_pct", -0.7 - next(turn) / 500),)
        shrinking(store, ShrinkingFilter(moved=moved))

    return step


def crossing_dials(home: Path) -> Step:
    """Cross trend and service deserts with thresholds that nobody moved so before."""
    store, turn = Store.current(home / "build"), iter(range(1000))

    def step() -> None:
        crossed(store, CrossingFilter(moved=(("thin_desert_share", 0.2 + next(turn) / 500),)))

    return step


def exported(home: Path, table: str, suffix: str) -> Step:
    """Write one mart to a file, as ``hinterland export`` does."""
    store = Store.current(home / "build")

    def step() -> None:
        with tempfile.TemporaryDirectory(dir=home) as folder:
            export.export_file(store, table, Path(folder) / f"{table}.{suffix}")

    return step


def duckdb_copy(home: Path, table: str, suffix: str) -> Step:
    """Write it with DuckDB's COPY."""
    import duckdb

    file = json.loads((home / "build" / "current.json").read_text("utf-8"))["file"]
    con = duckdb.connect(str(home / "build" / file), read_only=True)
    form = "parquet, compression zstd" if suffix == "parquet" else suffix

    def step() -> None:
        with tempfile.TemporaryDirectory(dir=home) as folder:
            con.execute(f"copy (from marts.{table}) to '{folder}/out' (format {form})")

    return step


def geopandas_file(home: Path, table: str, suffix: str) -> Step:
    """Write it with GeoPandas through GDAL, the frame at hand."""
    store = Store.current(home / "build")
    frame = to_geo(export.read_mart(store, table), table)

    def step() -> None:
        with tempfile.TemporaryDirectory(dir=home) as folder:
            frame.to_file(Path(folder) / f"out.{suffix}", engine="pyogrio")

    return step


def pandas_excel(home: Path, table: str) -> Step:
    """Write it with pandas through XlsxWriter, the frame at hand."""
    frame = export.read_mart(Store.current(home / "build"), table).to_pandas()
    frame = frame.drop(columns="geometry", errors="ignore")

    def step() -> None:
        with tempfile.TemporaryDirectory(dir=home) as folder:
            frame.to_excel(Path(folder) / "out.xlsx", engine="xlsxwriter")

    return step


def command(home: Path, *arguments: str) -> Step:
    """Run a command from its start to its end."""
    return lambda: run("-m", "pipelines", *arguments, home=home)


def reach_command(home: Path) -> Step:
    """Run ``hinterland reach`` from file to file."""
    from cases_reach import sites_of, tables

    sites = sites_of(tables(home))
    frame = pd.DataFrame({"id": sites.ids, "lon": sites.lon, "lat": sites.lat})
    frame.to_csv(home / "sites.csv", index=False)
    out = home / "reach.csv"

    def step() -> Spent:
        out.unlink(missing_ok=True)
        return run("-m", "pipelines", "reach", str(home / "sites.csv"), "-o", str(out), home=home)

    return step


def brief(home: Path) -> Step:
    """Write the sheet of a region for print."""
    return command(home, "brief", "DE733", "-o", str(home / "sheet.pdf"))


def atlas(home: Path) -> Step:
    """Write a country's maps and sheets for print."""
    return command(home, "atlas", "--country", "LT", "-o", str(home / "lt.pdf"))


def site(_home: Path) -> Step:
    """Build the documentation site."""
    return lambda: run("-m", "mkdocs", "build", "--quiet", "--clean")


def bare_imports(_home: Path) -> Step:
    """Start Python and import what reads a database."""
    return lambda: run("-c", "import numpy, pyarrow, duckdb")


@cache
def _exports() -> tuple[Case, ...]:
    """Return each mart's and format's export with its peer."""
    made: list[Case] = []
    for table in ("regions", "towns", "access"):
        for suffix in ("csv", "parquet", "geojson", "gpkg", "xlsx"):
            if suffix in ("geojson", "gpkg") and table not in ("regions", "towns"):
                continue
            if suffix == "xlsx" and table in ("towns", "access"):
                continue  # a third of a minute, or more rows than a workbook takes
            made += _export(table, suffix)
    return tuple(made)


#: How much of our time a peer must take: a CSV at most twice as long as DuckDB's.
_AIMS = {"csv": ("≥ 0.5 ×", 0.5), "geojson": ("≥ 0.83 ×", 1 / 1.2)}


def _export(table: str, suffix: str) -> list[Case]:
    name, peer = f"export_{table}_{suffix}", "DuckDB COPY"
    write: Callable[[Path], Step] = partial(duckdb_copy, table=table, suffix=suffix)
    if suffix in ("geojson", "gpkg"):
        peer, write = "GeoPandas to_file", partial(geopandas_file, table=table, suffix=suffix)
    elif suffix == "xlsx":
        peer, write = "pandas to_excel", partial(pandas_excel, table=table)
    aim, least = _AIMS.get(suffix, ("", 0.0))
    ours = partial(exported, table=table, suffix=suffix)
    short = peer.split()[0].lower()
    runs = 3 if suffix in ("xlsx", "geojson") and table == "towns" else 5
    return [
        Case(name, f"export {table} to .{suffix}", ours, runs=runs),
        Case(f"{name}/{short}", peer, write, name, runs=runs, aim=aim, least_ratio=least),
    ]


CASES = (
    Case(
        "build",
        "build from the embedded default, empty folder",
        first_build,
        aim="≤ 20 s",
        most={"wall": 20},
    ),
    Case(
        "build_again",
        "build again, nothing changed",
        next_build,
        aim="≤ 9 s, ≤ 0.9 GB",
        most={"wall": 9, "peak_mb": 900},
    ),
    *(
        [
            Case(
                "build_full",
                "build with the publishers' files",
                partial(first_build, sources=SOURCES),
                runs=3,
                aim="≤ 60 s, ≤ 2.5 GB",
                most={"wall": 60, "peak_mb": 2500},
            )
        ]
        if SOURCES.is_dir()
        else []
    ),
    Case("parse", f"Eurostat's TSV read: {REGIONS * AGES * YEARS:,} cells", our_parse),
    Case(
        "parse/eurostat", "package eurostat, and melted", eurostat_parse, "parse", ("eurostat",), 3
    ),
    Case("parse/pandas", "pandas: melt and regular expression", pandas_parse, "parse", runs=3),
    Case("own_places", f"{PLACES:,} own places read, checked, measured", own_places, runs=3),
    Case(
        "dials",
        "regions classed anew by a moved threshold",
        demography_dials,
        aim="≤ 0.3 s",
        most={"wall": 0.3},
    ),
    Case(
        "dials_crossing",
        "trend × deserts by a moved threshold",
        crossing_dials,
        aim="≤ 0.3 s",
        most={"wall": 0.3},
    ),
    *_exports(),
    Case("help", "hinterland --help", lambda home: command(home, "--help")),
    Case(
        "status",
        "hinterland status",
        lambda home: command(home, "status"),
        aim="≤ 0.6 CPU s",
        most={"cpu": 0.6},
    ),
    Case("status/imports", "python, numpy, pyarrow, duckdb", bare_imports, "status"),
    Case("reach_command", "hinterland reach, 12,800 sites, file to file", reach_command, runs=3),
    Case("brief", "hinterland brief, PDF", brief, aim="≤ 3 s", most={"wall": 3}),
    Case(
        "atlas",
        f"hinterland atlas, PDF with the {LT_SHEETS} sheets of Lithuania",
        atlas,
        runs=3,
        aim="≤ 3 s a sheet",
        most={"wall": 3 * LT_SHEETS},
    ),
    Case("docs", "make docs", site, "", ("mkdocs",), 3, aim="≤ 60 s", most={"wall": 60}),
)

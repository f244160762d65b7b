"""Parsing Eurostat's TSV: ours against the `eurostat` package and a pandas melt.

Run with ``python benchmarks/bench_parse.py [FOLDER]``; FOLDER holds ``*.tsv.gz`` as
Eurostat publishes them (default ``../shared/data/eurostat``). Every reader gets the
same bytes and gives one row a cell with value and flag, which is what the models need;
values are compared cell by cell before a ratio is printed. The package's reader stops
at a wide frame: its own time is shown too, and the ratio is that of the long table.
"""

from __future__ import annotations

import gzip
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import eurostat.eurostat as package
import numpy as np
import pandas as pd
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from pipelines.sources import eurostat_tsv

FOLDER = Path(__file__).resolve().parents[1] / "../shared/data/eurostat"
FILES = ("demo_r_births", "demo_r_pjanaggr3", "demo_r_pjanind3", "demo_r_pjangrp3")


def timed(function: Callable[[], object], repeats: int = 3) -> tuple[object, float]:
    """Return a function's result and its best time in seconds."""
    best, result = float("inf"), None
    for _ in range(repeats):
        start = time.perf_counter()
        result = function()
        best = min(best, time.perf_counter() - start)
    return result, best


def ours(path: Path) -> pa.Table:
    """Read all of a file with Hinterland's parser."""
    with gzip.open(path) as handle:
        names = handle.readline().decode().partition("\\")[0].split(",")
    declared = SimpleNamespace(columns=dict.fromkeys([*names, *eurostat_tsv.OBSERVATION]), extra={})
    return eurostat_tsv.read(path, declared)


def package_reader(path: Path) -> tuple[pd.DataFrame, float, float]:
    """Run `eurostat.get_data_df` on a local file: only its download is replaced.

    Returns the long frame, the seconds of the package alone and those of both steps.
    """
    # The package splits at CRLF, which the API sends; some stored copies have LF.
    text = gzip.decompress(path.read_bytes()).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    answer = SimpleNamespace(content=gzip.compress(text, 1))
    names = vars(package)
    held = {name: names[name] for name in ("__get_dims_info__", "__get_resp__")}
    names["__get_dims_info__"] = lambda *_, **__: ["ESTAT", "EUROSTAT", []]
    names["__get_resp__"] = lambda *_, **__: answer
    try:
        wide, seconds = timed(lambda: package.get_data_df(path.stem, flags=True))
        long, more = timed(lambda: lengthen(wide))
    finally:
        names.update(held)
    return long, seconds, seconds + more


def lengthen(wide: pd.DataFrame) -> pd.DataFrame:
    """Turn the package's wide frame (``2014_value``, ``2014_flag``, ...) into a long one."""
    dims = [name for name in wide.columns if not name.endswith(("_value", "_flag"))]
    values = [name for name in wide.columns if name.endswith("_value")]
    long = wide.melt(id_vars=dims, value_vars=values, var_name="time_period", value_name="v")
    flags = [name.replace("_value", "_flag") for name in values]
    long["obs_flag"] = wide.melt(value_vars=flags)["value"]
    long["time_period"] = long["time_period"].str.partition("_")[0].astype(int)
    long.columns = [name.partition("\\")[0] for name in long.columns]
    # The package hands a cell it does not know on as text; here that is the one ' b '.
    is_text = long["v"].map(lambda value: isinstance(value, str))
    long["obs_value"] = long["v"].where(~is_text).astype(float)
    return long


def pandas_melt(path: Path) -> pd.DataFrame:
    """Read text, melt, and split each cell with a regular expression."""
    wide = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    first = wide.columns[0]
    names = first.partition("\\")[0].split(",")
    long = wide.melt(id_vars=first, var_name="time_period", value_name="cell")
    long[names] = long[first].str.strip().str.split(",", expand=True)
    parts = long["cell"].str.extract(r"^\s*(?P<v>:|[-+]?[\d.eE+-]+)?\s*(?P<f>[A-Za-z]*)\s*$")
    long["obs_value"] = pd.to_numeric(parts["v"].where(parts["v"] != ":"))
    long["obs_flag"] = parts["f"]
    long["time_period"] = long["time_period"].str.strip().astype(int)
    return long


def same(table: pa.Table, melt: pd.DataFrame, theirs: pd.DataFrame) -> int:
    """Assert that all three hold the same values; return how many cells."""
    by = [name for name in table.column_names if name not in eurostat_tsv.OBSERVATION]
    by.append("time_period")
    left = table.to_pandas().sort_values(by)["obs_value"].to_numpy()
    for other in (melt, theirs):
        np.testing.assert_array_equal(left, other.sort_values(by)["obs_value"].to_numpy())
    return len(left)


def main(folder: Path) -> None:
    """Print one row a file."""
    out = Table(
        "file", "cells", "ours s", "eurostat s", "+ long s", "ratio", "pandas melt s", "ratio"
    )
    for name in FILES:
        path = folder / f"{name}.tsv.gz"
        table, seconds = timed(lambda path=path: ours(path), repeats=5)
        melt, melted = timed(lambda path=path: pandas_melt(path), repeats=1)
        theirs, wide, long = package_reader(path)
        cells = f"{same(table, melt, theirs):,}"
        ratios = [f"{seconds:.3f}", f"{wide:.2f}", f"{long:.2f}", f"{long / seconds:.1f}"]
        out.add_row(name, cells, *ratios, f"{melted:.2f}", f"{melted / seconds:.1f}")
    Console().print(out)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)

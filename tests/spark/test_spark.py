"""Cells, exports and models on Apache Spark in local mode: equal to the single machine's.

One file, so that one process starts one Spark. ``make spark-check`` installs PySpark and runs
it; elsewhere it is skipped with the reason.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from pipelines.cells.base import Base
from pipelines.core.errors import InputError, ModelError
from pipelines.runner.dialects import translated
from pipelines.runner.models import Model, read_models
from pipelines.serve import cells, export, geo_export
from pipelines.serve.store import Store

pytest.importorskip("pyspark", reason="PySpark is not installed: make spark-check")
pytest.importorskip("sqlglot", reason="SQLGlot is not installed: make spark-check")
if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
    pytest.skip("Java is not installed", allow_module_level=True)

MASTER = "local[2]"


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pipelines.cells.on_spark import session

    started = session(MASTER)
    started.conf.set("spark.sql.shuffle.partitions", "2")
    yield started
    started.stop()


@pytest.fixture(scope="module")
def prepared(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cells.prepare(store, tmp_path_factory.mktemp("base") / "base").folder


@pytest.fixture
def base_once(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each job of this file takes a copy of one base, which costs seconds to make."""
    monkeypatch.setattr(
        cells, "prepare", lambda store, folder: Base(Path(shutil.copytree(prepared, folder)))
    )


def made_grid(store: Store, path: Path, count: int = 8_000) -> Path:
    """Cells around settlements, some of them at sea, with fractions of people."""
    rng = np.random.default_rng(20261126)
    nodes = store.arrow("from indicators.ind_settlement__node")
    pick = rng.integers(0, nodes.num_rows, count)
    place = {
        name: nodes[name].to_numpy()[pick] + rng.uniform(-0.1, 0.1, count)
        for name in ("lon", "lat")
    }
    place["lon"][:50], place["lat"][:50] = -30.0, 60.0
    table = pa.table({"cell_id": [f"c{i}" for i in range(count)], **place})
    table = table.append_column("people", pa.array(rng.uniform(0, 300, count)))
    pq.write_table(table, path, row_group_size=1_500)
    return path


@pytest.mark.usefixtures("base_once", "spark")
def test_cells_are_equal_to_the_last_digit(store: Store, tmp_path: Path) -> None:
    grid = made_grid(store, tmp_path / "grid.parquet")
    here = cells.run(store, grid, tmp_path / "here", chunk=3_000)
    there = cells.run(store, grid, tmp_path / "there", master=MASTER)
    assert here is not None
    assert there is not None
    assert (there.cells, there.near) == (here.cells, here.near)
    assert here.cells - here.near >= 50
    parts = sorted((tmp_path / "here").glob("cells-*.parquet"))
    one = pa.concat_tables([pq.read_table(part) for part in parts]).sort_by("cell_id")
    other = pq.read_table(tmp_path / "there" / "cells").sort_by("cell_id")
    assert other.replace_schema_metadata().equals(one.replace_schema_metadata())
    sites = [pq.read_table(tmp_path / name / "sites.parquet") for name in ("here", "there")]
    assert sites[0].equals(sites[1])
    assert (tmp_path / "there" / cells.README).is_file()


@pytest.mark.usefixtures("spark")
def test_bad_cells_are_refused_on_spark_too(store: Store, tmp_path: Path) -> None:
    grid = made_grid(store, tmp_path / "grid.parquet", 100)
    table = pq.read_table(grid)
    people = table["people"].to_pylist()
    people[7] = None
    pq.write_table(table.set_column(3, "people", pa.array(people)), grid)
    with pytest.raises(InputError, match=r"people: does not fit; found 'no value \(cell c7\)'"):
        cells.run(store, grid, tmp_path / "out", master=MASTER)
    pq.write_table(pa.concat_tables([table, table.slice(3, 1)]), grid)
    with pytest.raises(InputError, match="cell_id: stands in several rows; found 'c3'"):
        cells.run(store, grid, tmp_path / "out", master=MASTER)
    assert not (tmp_path / "out").exists()


def test_exports_are_read_by_country_and_window(store: Store, spark: Any, tmp_path: Path) -> None:
    towns = export.read_mart(store, "towns")
    few = towns.filter(pc.is_in(towns["country"], pa.array(["DE", "LU", "NO"])))
    geo_export.export_partitioned(store, tmp_path / "lake", ["towns"], few, "three countries")
    frame = spark.read.parquet(str(tmp_path / "lake" / "towns"))
    rows = {row["country"]: row["count"] for row in frame.groupBy("country").count().collect()}
    assert rows == {
        row["values"]: row["counts"] for row in pc.value_counts(few["country"]).to_pylist()
    }
    window = frame.where("country = 'DE' and bbox.xmin between 9.0 and 10.5")
    lon = few.filter(pc.equal(few["country"], "DE"))["lon"].to_numpy()
    assert window.count() == ((lon >= 9.0) & (lon <= 10.5)).sum() > 100
    (point,) = frame.where("geonameid = 2951793").select("geometry", "lon", "lat").collect()
    # WKB, little endian: 1, type 1 (a point), then x and y.
    order, kind = point["geometry"][0], int.from_bytes(point["geometry"][1:5], "little")
    assert (order, kind) == (1, 1)
    xy = np.frombuffer(bytes(point["geometry"][5:]), "<f8")
    assert xy.tolist() == [point["lon"], point["lat"]]


#: Models whose inputs are published, of each kind: joins, windows, pivots, classes, macros.
EQUAL = (
    "indicators.ind_region__access_PLACEHOLDER",
)


def models() -> dict[str, Model]:
    return {model.table: model for model in read_models()}

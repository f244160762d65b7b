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
from pipelines.runner.models import read_models
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
    # Small tables: what the compilers of Java and Spark would win, they cost many times over.
    os.environ["PYSPARK_SUBMIT_ARGS"] = (
        "--driver-java-options -XX:TieredStopAtLevel=1 pyspark-shell"
    )
    from pipelines.cells.on_spark import session

    started = session(MASTER)
    started.conf.set("spark.sql.shuffle.partitions", "1")
    started.conf.set("spark.sql.codegen.wholeStage", "false")
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
    there = cells.run(store, grid, tmp_path / "there [1]", master=MASTER)
    assert here is not None
    assert there is not None
    assert (there.cells, there.near) == (here.cells, here.near)
    assert here.cells - here.near >= 50
    parts = sorted((tmp_path / "here").glob("cells-*.parquet"))
    one = pa.concat_tables([pq.read_table(part) for part in parts]).sort_by("cell_id")
    other = pq.read_table(tmp_path / "there [1]" / "cells").sort_by("cell_id")
    assert other.replace_schema_metadata().equals(one.replace_schema_metadata())
    sites = [pq.read_table(tmp_path / name / "sites.parquet") for name in ("here", "there [1]")]
    assert sites[0].equals(sites[1])
    assert (tmp_path / "there [1]" / cells.README).is_file()


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


#: Models that are run, of each kind: joins, windows, pivots, classes, macros, unions.
MODELS = (
    "indicators.ind_settlement__centre",
    "indicators.ind_settlement__size",
)


def test_models_give_the_same_on_spark(store: Store, spark: Any, tmp_path: Path) -> None:
    """Numbers to a part in a million million, for sums come in another order; all else alike."""
    models = {model.table: model for model in read_models()}
    for table in sorted(set().union(*(models[name].inputs for name in MODELS))):
        path = tmp_path / f"{table.replace('.', '__')}.parquet"
        pq.write_table(store.arrow(f"from {table}"), path)
        spark.read.parquet(str(path)).createOrReplaceTempView(path.stem)
    for name in MODELS:
        expected = store.arrow(f"from {name}").to_pandas()
        own = spark.sql(translated(models[name], "spark")).toArrow().to_pandas()
        assert len(expected) > 0, name
        assert list(own) == list(expected), name
        keys = models[name].sidecar["primary_key"]
        equal(own, expected, keys, name)


def equal(own: pd.DataFrame, expected: pd.DataFrame, keys: list[str], name: str) -> None:
    """Compare two tables row by row in the order of their keys."""
    own, expected = (t.sort_values(keys, ignore_index=True) for t in (own, expected))
    for column in expected:
        a, b = own[column], expected[column]
        assert (a.isna() == b.isna()).all(), (name, column)
        a, b = a[a.notna()], b[b.notna()]
        if pd.api.types.is_numeric_dtype(b) and not pd.api.types.is_bool_dtype(b):
            np.testing.assert_allclose(a.astype(float), b.astype(float), 1e-12, err_msg=column)
        else:
            assert a.astype(str).tolist() == b.astype(str).tolist(), (name, column)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("indicators.ind_settlement__links", "is made by Python, pipelines.travel.models:links"),
        ("marts.region_crossing", "calls the table macro marts.crossing"),
        ("typologies.typ_settlement__services", "reads a threshold by a name that a column holds"),
    ],
)
def test_what_cannot_be_said_there_is_told(table: str, message: str) -> None:
    model = next(model for model in read_models() if model.table == table)
    with pytest.raises(ModelError, match=message):
        translated(model, "spark")

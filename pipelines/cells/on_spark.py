"""The same job on Apache Spark: each batch of cells goes through the same functions.

The base is read from a folder that all workers see. Demand is added up by Spark in whole
millionths, so that the result is that of one machine to the last digit. Batches are Arrow's
(``mapInArrow``): through frames a gap among whole numbers would be lost on the way.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.cells.base import Base
from pipelines.cells.grid import Cells, Grid, Layout, cells_of, findings_of
from pipelines.cells.job import SITES, Job, Summary, metadata_of
from pipelines.cells.measure import STEPS, demand, measure, write_shares
from pipelines.core.errors import InputError
from pipelines.core.findings import Finding, refusal
from pipelines.io.atomic import writing

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Folder of the results, in files as Spark cuts them.
CELLS = "cells"
_BATCH = 50_000  # cells that a worker measures at once
_MOST = 50  # findings that come back to the driver

Batches = Iterator[pa.RecordBatch]


def session(master: str) -> SparkSession:
    """Start Spark.

    Parameters
    ----------
    master : str
        As of Spark: ``local[2]`` for two workers on this machine, or a cluster's address.

    Raises
    ------
    InputError
        PySpark or Java is not there, or Spark does not start.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise InputError(
            "--spark: PySpark is not there: pip install 'hinterland[spark]'"
        ) from error
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise InputError("--spark: Java is not there: install Java 17, on Debian default-jre")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(master).appName("hinterland cells")
    for key, value in {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(_BATCH),
    }.items():
        builder = builder.config(key, value)
    try:
        spark: SparkSession = builder.getOrCreate()
    except Exception as error:
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"--spark {master}: Spark does not start ({text})") from error
    return spark


@functools.lru_cache(maxsize=1)
def _opened(folder: str) -> Base:
    """Open the base once a worker."""
    return Base(Path(folder))


def _cells(batches: Batches, layout: Layout) -> Iterator[tuple[pa.RecordBatch, Cells]]:
    for batch in batches:
        yield batch, cells_of(batch, layout)


def run(spark: SparkSession, job: Job, base: Base, facts: dict[str, str]) -> Summary:
    """Measure the cells of a job's grid on Spark, into ``cells/`` of its folder.

    Parameters
    ----------
    spark : SparkSession
    job : Job
        Its chunk is not used: Spark cuts the grid.
    base : Base
        In a folder that all workers see by the same path.
    facts : dict
        Notes for ``sites.parquet``; Spark's own files hold none.
    """
    layout, folder = job.grid.layout, str(base.folder)
    id_type = pq.read_schema(job.grid.files[0]).field(layout.cell_id).type
    grid = read(spark, job.grid)

    def count(batches: Batches) -> Batches:
        for _, cells in _cells(batches, layout):
            yield from demand(_opened(folder), cells).to_batches()

    columns = ", ".join(f"{name} bigint" for name in STEPS)
    sums = grid.mapInArrow(count, f"service string, site int, {columns}")
    sums = sums.groupBy("service", "site").sum(*STEPS)
    table = sums.toArrow().rename_columns(["service", "site", *STEPS])
    with writing(job.out / SITES) as draft:
        shared = write_shares(base, table).replace_schema_metadata(metadata_of(facts))
        pq.write_table(shared, draft, compression="zstd")

    def values(batches: Batches) -> Batches:
        for _, cells in _cells(batches, layout):
            yield from measure(_opened(folder), cells).to_batches()

    measured = grid.mapInArrow(values, _schema(base, id_type))
    measured.write.mode("overwrite").parquet(str(job.out / CELLS))
    return _summary(spark, job)


def read(spark: SparkSession, grid: Grid) -> DataFrame:
    """Return the columns of a grid that are read, as Spark's own."""
    return spark.read.parquet(*map(_literal, grid.files)).select(*grid.layout.names)


def _literal(path: Path) -> str:
    """Return a path that Spark does not take for a pattern."""
    return re.sub(r"([\\\[\]{}*?])", r"\\\1", str(path))


def _schema(base: Base, id_type: pa.DataType) -> Any:
    """Return the columns of the result as Spark names their types."""
    from pyspark.sql.pandas.types import from_arrow_schema

    none = np.empty(0)
    return from_arrow_schema(measure(base, Cells(pa.array([], id_type), none, none, none)).schema)


def check(spark: SparkSession, grid: Grid) -> None:
    """Check all cells on Spark, before anything is measured.

    Raises
    ------
    InputError
        Names file, field and cell of what does not fit: Spark knows no rows.
    """
    layout, name = grid.layout, grid.path.name
    names = ["field", "stated", "allowed"]

    def findings(batches: Batches) -> Batches:
        for batch, _ in _cells(batches, layout):
            rows = [(f.field, f.found, f.allowed) for f in findings_of(name, batch, layout, None)]
            columns = list(zip(*rows, strict=True)) or [(), (), ()]
            yield pa.record_batch([pa.array(c, pa.string()) for c in columns], names)

    rows = read(spark, grid)
    bad = rows.mapInArrow(findings, ", ".join(f"{column} string" for column in names))
    problems = [
        Finding(name, 0, row.field, "does not fit", row.stated, row.allowed)
        for row in bad.limit(_MOST).collect()
    ]
    if not problems:
        twins = rows.groupBy(layout.cell_id).count().where("count > 1").limit(5).collect()
        problems = [
            Finding(
                name, 0, layout.cell_id, "stands in several rows", str(row[0]), "each cell once"
            )
            for row in twins
        ]
    if problems:
        raise refusal(problems)


def _summary(spark: SparkSession, job: Job) -> Summary:
    """Count what was written, file by file, without reading the measures."""
    from pyspark.sql import functions as f

    cells = spark.read.parquet(_literal(job.out / CELLS))
    is_near = f.col("geonameid").isNotNull()
    row = cells.agg(
        f.count("*"),
        f.count("geonameid"),
        f.sum("people"),
        f.sum(f.when(is_near, f.col("people"))),
    ).collect()[0]
    return Summary(
        cells=row[0],
        near=row[1],
        people=row[2],
        people_near=row[3] or 0.0,
        chunks=len(list((job.out / CELLS).glob("part-*.parquet"))),
        resumed=0,
    )

"""Small things that can be published, stored and added in milliseconds."""

from __future__ import annotations

import gzip
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.core.pointer import SCHEMA_VERSION, Pointer
from pipelines.io import matrices
from pipelines.runner import publish
from tests.where import ROOT

ROWS = 5_000
_OVERPASS = ROOT / "tests" / "fuzz" / "corpus" / "overpass.json"


def draft(folder: Path, number: int, moment: datetime | None = None) -> Pointer:
    """Write a draft of a database whose rows all hold a number; return its pointer.

    The pointer stands in ``next.json`` too, for a process that publishes.
    """
    path, maps = folder / ".draft-1.duckdb", folder / ".draft-1.maps"
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as con:
        con.execute("create schema marts")
        for table in ("regions", "towns"):
            con.execute(
                f"create table marts.{table} as "  # noqa: S608 - two names of our own
                f"select {number} as number, i from range({ROWS}) as r(i)"
            )
    maps.mkdir(exist_ok=True)
    (maps / "land.json.gz").write_bytes(gzip.compress(json.dumps({"number": number}).encode()))
    value, rows = publish.content_hash(path)
    stamp = moment or datetime.now(UTC)
    name = f"mart-{value}-{stamp:%Y%m%dT%H%M%S%f}.duckdb"
    pointer = Pointer(
        file=name,
        hash=value,
        schema_version=SCHEMA_VERSION,
        built_at=stamp.isoformat(timespec="seconds"),
        program_version="0",
        inputs="0" * 16,
        rows=rows,
        seconds=0.1,
        files=publish.digests(path, maps, name),
    )
    (folder / "next.json").write_text(json.dumps(asdict(pointer)), "utf-8")
    return pointer


def put(folder: Path, pointer: Pointer) -> None:
    """Publish the draft of a folder."""
    maps = (folder / pointer.file).with_suffix(".maps")
    (folder / ".draft-1.maps").replace(maps)
    publish.publish(folder / ".draft-1.duckdb", folder, pointer)


def matrix(path: Path, minutes: float) -> Path:
    """Write a matrix as ``hinterland roads`` does, of one pair."""
    facts = dict.fromkeys(matrices.FACTS, "made") | {"mode": "car"}
    columns = [[1], ["2"], [minutes], ["car"]]
    table = pa.Table.from_arrays(
        [pa.array(c, f.type) for c, f in zip(columns, matrices.COLUMNS, strict=True)],
        schema=matrices.COLUMNS.with_metadata(facts),
    )
    pq.write_table(table, path)
    return path


def extract(path: Path, day: int, times: int = 1) -> Path:
    """Write an Overpass answer of a day; ``times`` repeats its nodes some metres further on."""
    content = json.loads(_OVERPASS.read_text("utf-8"))
    nodes = [e for e in content["elements"] if e["type"] == "node" and "lon" in e]
    for turn in range(1, times):
        for node in nodes:
            moved = {"id": node["id"] + turn * 10**9, "lon": node["lon"] + turn * 1e-5}
            content["elements"].append(node | moved)
    content["osm3s"]["timestamp_osm_base"] = f"2024-01-{day:02}T00:00:00Z"
    path.write_text(json.dumps(content), "utf-8")
    return path

"""Parts of earlier builds: taken again for the same inputs, and for no others."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipelines.runner import parts as parts_of
from pipelines.runner.parts import Parts, rows_digest
from tests.where import ROOT

ROWS = "select * from (values (1, 'a', 2.5::double), (2, null, null), (2, null, null)) v(k, t, x)"


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("create schema staging")
    con.execute(f"create table staging.s as {ROWS}")
    con.execute("create table staging.other as select 7 as limit_min")
    return con


def doubled(con: duckdb.DuckDBPyConnection, made: list[int]) -> Callable[[], pa.Table]:
    def make() -> pa.Table:
        made.append(1)
        return con.sql("select k, 2 * x as twice from staging.s").to_arrow_table()

    return make


def take(con: duckdb.DuckDBPyConnection, folder: Path, made: list[int]) -> pa.Table:
    inputs = ["staging.other", "staging.s"]
    return Parts(folder).table(con, "indicators.m", inputs, doubled(con, made))


def test_the_same_inputs_give_the_part_of_before(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    made: list[int] = []
    first = take(con, tmp_path, made)
    again = take(con, tmp_path, made)
    assert made == [1]
    assert again.equals(first)
    assert again.to_pylist() == [
        {"k": 1, "twice": 5.0},
        {"k": 2, "twice": None},
        {"k": 2, "twice": None},
    ]


@pytest.mark.parametrize(
    "change",
    [
        "update staging.s set x = 2.5000000000000004 where k = 1",
        "update staging.s set t = '' where k = 2",
        "update staging.s set x = 0 where k = 2",
        "insert into staging.s values (2, null, null)",
        "delete from staging.s where k = 2",
        "alter table staging.s rename t to u",
        "alter table staging.s alter k type bigint",
        "alter table staging.s add column more integer",
        "update staging.other set limit_min = 8",
        # The same values in other rows, and two rows that swap a value.
        "create or replace table staging.s as select 3 - k as k, t, x from staging.s",
    ],
)
def test_a_change_of_any_input_makes_it_anew(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, change: str
) -> None:
    made: list[int] = []
    take(con, tmp_path, made)
    con.execute(change)
    take(con, tmp_path, made)
    assert made == [1, 1]


def test_other_code_or_another_library_makes_it_anew(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    take(con, tmp_path, made)
    monkeypatch.setattr(parts_of, "version", lambda name: f"{name} of tomorrow")
    parts_of.code_digest.cache_clear()
    try:
        take(con, tmp_path, made)
    finally:
        monkeypatch.undo()
        parts_of.code_digest.cache_clear()
    assert made == [1, 1]


def test_the_order_of_rows_does_not_count(con: duckdb.DuckDBPyConnection) -> None:
    before = rows_digest(con, "staging.s")
    con.execute("create or replace table staging.s as from staging.s order by k desc")
    assert rows_digest(con, "staging.s") == before


@pytest.mark.parametrize("spot", [0, 100, -20])
def test_a_damaged_part_is_made_anew(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, spot: int
) -> None:
    made: list[int] = []
    first = take(con, tmp_path, made)
    (path,) = (tmp_path / "parts").iterdir()
    content = bytearray(path.read_bytes())
    content[spot] ^= 1
    path.write_bytes(content)
    assert take(con, tmp_path, made).equals(first)
    assert made == [1, 1]
    path.write_bytes(b"")
    assert take(con, tmp_path, made).equals(first)


def test_a_part_of_another_name_is_none_of_mine(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    made: list[int] = []
    take(con, tmp_path, made)
    Parts(tmp_path).table(con, "indicators.n", ["staging.s"], doubled(con, made))
    Parts(tmp_path).table(con, "indicators.m", ["staging.s"], doubled(con, made))
    assert made == [1, 1, 1]


def test_what_the_last_build_had_no_use_for_goes(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    take(con, tmp_path, [])
    later = Parts(tmp_path)
    later.files(con, "maps.towns", ["select k from staging.s"], lambda: {"towns": b"\x00x"})
    later.prune()
    assert [p.name.split("-")[0] for p in (tmp_path / "parts").iterdir()] == ["maps.towns"[:4]]
    files = Parts(tmp_path).files(con, "maps.towns", ["select k from staging.s"], dict)
    assert files == {"towns": b"\x00x"}


#: Modules beneath the Python models that open a file: areas.csv is in the key, the others are
#: asked for a path that no model has.
READERS = {
    "pipelines.core.areas",
    "pipelines.core.thresholds",
    "pipelines.io.atomic",
    "pipelines.io.matrices",
    "pipelines.reach.engine",
    "pipelines.travel.matrix",
}


def module_file(name: str) -> Path | None:
    path = ROOT / Path(*name.split("."))
    return next((p for p in (path.with_suffix(".py"), path / "__init__.py") if p.is_file()), None)


def test_python_models_read_their_inputs_and_no_file() -> None:
    # What a function read beside its inputs could change without the key.
    sidecars = [tomllib.loads(p.read_text("utf-8")) for p in ROOT.glob("sql/*/*.toml")]
    waiting = {s["python"].split(":")[0] for s in sidecars if "python" in s}
    assert len(waiting) > 5
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        path = module_file(name)
        if name in seen or path is None:
            continue
        seen.add(name)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pipelines"):
                waiting |= {str(node.module), *(f"{node.module}.{a.name}" for a in node.names)}
    opened = re.compile(
        r"\b(open|read_\w+|read_text|read_bytes|getenv|fetch)\(|environ|\bdatetime\b"
    )
    reading = {
        name
        for name in seen
        if (path := module_file(name)) and opened.search(path.read_text("utf-8"))
    }
    assert reading - {"pipelines.core.paths"} == READERS

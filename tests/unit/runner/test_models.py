"""The model runner: order, layers, one SELECT a file, declared columns."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipelines.core.errors import ModelError, SchemaDrift
from pipelines.runner import models

SIDECAR = """
description = "A test table."
grain = "one row"
primary_key = ["a"]
fields = ["a"]
{extra}
"""
FIELDS = 'a = { type = "INTEGER", description = "A number." }'


def write(folder: Path, table: str, sql: str | None, extra: str = "") -> None:
    layer, name = table.split(".")
    (folder / layer).mkdir(parents=True, exist_ok=True)
    (folder / "fields.toml").write_text(FIELDS, "utf-8")
    (folder / layer / f"{name}.toml").write_text(SIDECAR.format(extra=extra), "utf-8")
    if sql is not None:
        (folder / layer / f"{name}.sql").write_text(sql, "utf-8")


def test_order_follows_the_tables_that_each_select_names(tmp_path: Path) -> None:
    write(tmp_path, "marts.a_first_by_name", "select a from typologies.t")
    write(tmp_path, "typologies.t", "with i as (select * from indicators.i) select a from i")
    write(tmp_path, "indicators.i", "select a from staging.s join staging.r using (a)")
    write(tmp_path, "staging.s", "select a from raw.x")
    write(tmp_path, "staging.r", "select a from seeds.y")
    order = [m.table for m in models.read_models(tmp_path)]
    assert set(order[:2]) == {"staging.r", "staging.s"}
    assert order[2:] == ["indicators.i", "typologies.t", "marts.a_first_by_name"]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select 1; select 2", "2 statements"),
        ("create table x as select 1", "not a SELECT"),
        ("select a from read_csv('/etc/passwd')", "table function 'read_csv'"),
        ("select a from nowhere", "with their schema"),
        ("select a from indicators.nowhere", "no model makes"),
        ("select a from marts.later", "later layer"),
    ],
)
def test_a_select_that_breaks_a_rule_is_named(tmp_path: Path, sql: str, message: str) -> None:
    write(tmp_path, "indicators.i", sql)
    write(tmp_path, "marts.later", "select 1 as a from seeds.y")
    with pytest.raises(ModelError, match=message):
        models.read_models(tmp_path)


def test_a_circle_is_named(tmp_path: Path) -> None:
    write(tmp_path, "indicators.x", "select a from indicators.y")
    write(tmp_path, "indicators.y", "select a from indicators.x")
    with pytest.raises(ModelError, match="circle"):
        models.read_models(tmp_path)


def test_a_statement_without_sidecar_is_named(tmp_path: Path) -> None:
    (tmp_path / "marts").mkdir()
    (tmp_path / "marts" / "lonely.sql").write_text("select 1")
    with pytest.raises(ModelError, match=r"lonely\.sql: has no sidecar"):
        models.read_models(tmp_path)


def test_columns_are_compared_both_ways(tmp_path: Path) -> None:
    write(tmp_path, "marts.m", "select 'text' as a, 1 as b from seeds.y")
    (model,) = models.read_models(tmp_path)
    con = duckdb.connect()
    con.execute("create schema marts; create schema seeds; create table seeds.y as select 1 as z")
    with pytest.raises(SchemaDrift, match=r"'b' .* is not declared; column 'a' is VARCHAR"):
        models.run_model(con, model)


def double(tables: dict[str, pa.Table]) -> pa.Table:
    """Return the input doubled: a Python model for the test below."""
    return pa.table({"a": [2 * v for v in tables["seeds.y"]["a"].to_pylist()]})


def test_a_python_model_gets_its_inputs_and_is_cast(tmp_path: Path) -> None:
    extra = 'python = "tests.unit.runner.test_models:double"\ninputs = ["seeds.y"]'
    write(tmp_path, "indicators.p", None, extra)
    (model,) = models.read_models(tmp_path)
    con = duckdb.connect()
    con.execute("create schema indicators; create schema seeds")
    con.execute("create table seeds.y as select 21::bigint as a")
    assert models.run_model(con, model) == 1
    assert con.execute("select a, typeof(a) from indicators.p").fetchall() == [(42, "INTEGER")]


def test_every_model_of_the_project_reads_earlier_layers_only() -> None:
    found = models.read_models()
    assert {"marts.regions", "marts.towns", "marts.sources"} <= {m.table for m in found}
    seen: set[str] = set()
    for model in found:
        own = {t for t in model.inputs if t.split(".")[0] in models.LAYERS}
        assert own <= seen
        seen.add(model.table)


@pytest.mark.parametrize("extra", ["", 'python = "tests.unit.runner.test_models:double"'])
def test_a_published_table_stands_once(tmp_path: Path, extra: str) -> None:
    # Held twice, in memory and in the file, the tables cost a quarter of a build's memory.
    sql = None if extra else "select 2 * a as a from seeds.y"
    write(tmp_path, "marts.m", sql, extra and f'{extra}\ninputs = ["seeds.y"]')
    (model,) = models.read_models(tmp_path)
    con = duckdb.connect()
    con.execute("create schema marts; create schema seeds")
    con.execute("create table seeds.y as select 21::integer as a")
    con.execute(f"attach '{tmp_path / 'new.duckdb'}' as draft; create schema draft.marts")
    assert models.run_model(con, model, "draft") == 1
    tables = "select database_name from duckdb_tables() where table_name = 'm'"
    assert con.execute(tables).fetchall() == [("draft",)]
    assert con.execute("select a from marts.m").fetchall() == [(42,)]

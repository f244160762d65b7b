"""Data tests that the sidecars declare: keys, bounds, closed lists, references."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.core.errors import CheckFailed
from pipelines.runner.checks import run_checks
from pipelines.runner.models import Model

TOWN = "marts.towns.geonameid"


def model(table: str, columns: dict[str, dict[str, Any]]) -> Model:
    layer, name = table.split(".")
    sidecar = {"columns": columns, "primary_key": [next(iter(columns))]}
    return Model(layer, name, sidecar, "select 1", frozenset())


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("create schema marts; create schema indicators")
    con.execute("create table marts.towns as select * from (values (1), (2)) t(geonameid)")
    return con


@pytest.mark.parametrize(
    ("kind", "values", "bad"),
    [
        ("INTEGER", "('a', 1), ('b', null), ('c', 2)", None),
        ("INTEGER", "('a', 1), ('b', 7)", "bad rows: 1, for instance id=b, found=7"),
        ("INTEGER[]", "('a', [1, 2]), ('b', []), ('c', null)", None),
        ("INTEGER[]", "('a', [1, 2]), ('b', [2, 7, 8])", "bad rows: 2, for instance id=b, found=7"),
    ],
)
def test_a_reference_is_a_value_of_the_other_table(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, kind: str, values: str, bad: str | None
) -> None:
    con.execute("create table marts.cases as from (values " + values + ") t(id, town)")
    cases = model("marts.cases", {"id": {}, "town": {"type": kind, "references": [TOWN]}})
    if bad is None:
        assert run_checks(con, [cases], tmp_path) == 2
    else:
        with pytest.raises(CheckFailed, match=bad) as caught:
            run_checks(con, [cases], tmp_path)
        assert f"marts.cases.town is a value of {TOWN}" in str(caught.value)


def test_a_reference_binds_neither_the_table_itself_nor_a_layer_before(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    con.execute("create table indicators.early as select 7 as geonameid")
    column = {"geonameid": {"type": "INTEGER", "references": [TOWN]}}
    both = [model("marts.towns", column), model("indicators.early", column)]
    assert run_checks(con, both, tmp_path) == 2  # their keys alone


def test_rules_on_a_row_name_their_bad_rows_and_no_others(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    con.execute(
        "create table marts.cases as from (values ('a', 1, 'x', 5.0), ('b', null, 'y', 11.0), "
        "('c', 3, null, -2.0), ('d', null, 'x', null)) t(id, people, kind, minutes)"
    )
    columns: dict[str, dict[str, Any]] = {
        "id": {"nullable": False},
        "people": {"nullable": False},
        "kind": {"allowed": ["x"]},
        "minutes": {"min": 0, "max": 10},
    }
    with pytest.raises(CheckFailed) as caught:
        run_checks(con, [model("marts.cases", columns)], tmp_path)
    assert str(caught.value).splitlines() == [
        "4 of 6 checks failed:",  # the key, two never NULL, a list, two bounds
        "- marts.cases.people is never NULL",
        "    bad rows: 2, for instance id=b; id=d",
        "- marts.cases.kind is one of ['x']",
        "    bad rows: 1, for instance id=b, kind=y",
        "- marts.cases.minutes has min 0",
        "    bad rows: 1, for instance id=c, minutes=-2.0",
        "- marts.cases.minutes has max 10",
        "    bad rows: 1, for instance id=b, minutes=11.0",
    ]


def test_rules_on_a_row_hold_in_an_empty_table(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    con.execute("create table marts.cases (id integer, people integer)")
    columns: dict[str, dict[str, Any]] = {"id": {"nullable": False}, "people": {"min": 0}}
    assert run_checks(con, [model("marts.cases", columns)], tmp_path) == 3

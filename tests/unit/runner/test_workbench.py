"""The workbench: what a model is made from and read by, and its rows."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.core.errors import InputError, UnknownTable
from pipelines.core.registry import read_registry
from pipelines.runner import preview, workbench
from pipelines.runner.models import Model
from pipelines.runner.preview import Rows
from pipelines.runner.unions import raw_unions
from pipelines.runner.workbench import Workbench

SIDECAR: dict[str, Any] = {
    "description": "A test table.",
    "grain": "one row",
    "primary_key": ["a"],
    "columns": {"a": {"type": "INTEGER", "unit": "people", "description": "A number."}},
}
READS = {
    "staging.stg_x__t": {"raw.x"},
    "indicators.ind_x__one": {"staging.stg_x__t"},
    "indicators.ind_x__two": {"staging.stg_x__t", "seeds.y"},
    "marts.xs": {"indicators.ind_x__one", "indicators.ind_x__two"},
}


@pytest.fixture
def bench() -> Workbench:
    models = []
    for table, reads in READS.items():
        layer, name = table.split(".")
        sql = f"select a\nfrom {min(reads)}"
        models.append(Model(layer, name, SIDECAR, sql, frozenset(reads)))
    return Workbench(models)


def test_a_model_is_found_with_or_without_its_schema(bench: Workbench) -> None:
    assert bench.find("xs") is bench.find("marts.xs")


def test_the_name_of_a_macro_is_told_from_that_of_a_model(bench: Workbench) -> None:
    caller = Model(
        "marts", "ys", SIDECAR, "select a_class(a) as a from marts.xs", frozenset({"marts.xs"})
    )
    caller = dataclasses.replace(caller, macros=frozenset({"a_class"}))
    with pytest.raises(UnknownTable, match=r"a macro, sql/macros/a_class.sql, called by marts.ys"):
        Workbench([*bench.models, caller]).find("a_class")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ind_x__on", "did you mean indicators.ind_x__one or indicators.ind_x__two"),
        ("two", "did you mean indicators.ind_x__two"),
        ("marts.x", "did you mean marts.xs"),
        ("seeds.y", "seeds are no models"),
        ("zzzzzz", "see the folder sql/"),
        ("", "there is no model ''"),
    ],
)
def test_an_unknown_name_is_answered_with_those_that_are_alike(
    bench: Workbench, name: str, message: str
) -> None:
    with pytest.raises(UnknownTable, match=message):
        bench.find(name)


def test_the_tree_tells_parents_once(bench: Workbench) -> None:
    assert bench.tree(bench.find("xs")) == [
        "marts.xs",
        "  indicators.ind_x__one",
        "    staging.stg_x__t",
        "      raw.x",
        "  indicators.ind_x__two",
        "    seeds.y",
        "    staging.stg_x__t (as above)",
    ]


def test_a_description_has_statement_neighbours_and_columns(bench: Workbench) -> None:
    text = "\n".join(bench.describe(bench.find("ind_x__one"), 80))
    assert "Made by:  sql/indicators/ind_x__one.sql" in text
    assert "Reads:    staging.stg_x__t" in text
    assert "Read by:  marts.xs" in text
    assert "  a  INTEGER, people" in text
    assert text.endswith("select a\nfrom staging.stg_x__t")
    assert max(map(len, text.splitlines())) <= 80


def test_ancestors_reach_raw_tables_and_seeds(bench: Workbench) -> None:
    assert bench.ancestors("indicators.ind_x__two") == {"staging.stg_x__t", "seeds.y", "raw.x"}


def test_lineage_walks_to_the_columns_of_raw_tables(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A star stands for every column of a table, made by a model or not."""
    edges = {
        ("marts.xs", "a"): [("indicators.ind_x__one", "a"), ("indicators.ind_x__two", "*")],
        ("indicators.ind_x__one", "a"): [("staging.stg_x__t", "a")],
        ("indicators.ind_x__two", "a"): [("staging.stg_x__t", "a"), ("seeds.y", "*")],
        ("staging.stg_x__t", "a"): [("raw.x", "b"), ("raw.x", "c")],
    }
    monkeypatch.setattr(workbench, "_column_lineage", lambda models: edges)
    assert bench.lineage(bench.find("xs"), 80) == ["  a <- raw.x (b, c), seeds.y"]


def test_lineage_without_columns_names_the_tables(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbench, "_column_lineage", lambda models: {})
    assert bench.lineage(bench.find("xs"), 80) == ["  all columns <- raw.x, seeds.y"]


def test_rows_are_a_table_where_it_fits_and_else_one_by_one() -> None:
    day = datetime.date(2021, 1, 1)
    rows = Rows(["name", "share", "geometry"], [("Bebra", 1 / 3, b"12345"), (None, 2.0, day)], 9)
    assert rows.lines(80) == [
        "name   share     geometry",
        "Bebra  0.333333  <5 bytes>",
        "NULL   2         2021-01-01",
    ]
    assert rows.lines(20) == [
        "row 1",
        "  name      Bebra",
        "  share     0.333333",
        "  geometry  <5 byte…",
        "row 2",
        "  name      NULL",
        "  share     2",
        "  geometry  2021-01…",
    ]
    assert Rows(["a"], [], 0).lines(80) == ["a"]


def test_only_published_layers_are_read_from_the_database(built_home: Path) -> None:
    project = Workbench.read()
    folder = built_home / "build"
    with pytest.raises(InputError, match="--run --show 2' makes it in memory"):
        preview.published_rows(project.find("stg_gisco__nuts_2021"), folder, 2)
    rows = preview.published_rows(project.find("typ_region__trend"), folder, 2)
    names = ["nuts_id", "trend", "series_trend", "has_two_trends"]
    assert (rows.names, len(rows.first), rows.total) == (names, 2, 2010)


def test_a_model_is_made_in_memory_with_its_parents_alone(built_home: Path) -> None:
    """The catalogue's tables are made after the settlements that it is checked against."""
    project = Workbench.read()
    published = preview.published_rows(project.find("documents"), built_home / "build", 3)
    _, rows = preview.run(project, project.find("documents"), None, 3)
    assert rows == published
    assert rows.total > 0
    with pytest.raises(InputError, match="no such folder"):
        preview.run(project, project.find("documents"), Path("/nowhere"), 3)


def test_all_raw_tables_that_a_model_is_made_from_are_there() -> None:
    """A union of raw tables (``eurostat_series``) needs those that it is made of."""
    project, registry = Workbench.read(), read_registry()
    for model in project.models:
        needed = {t for t in project.ancestors(model.table) if t.startswith("raw.")}
        loaded = preview._sources_of(needed, registry)
        there = {f"raw.{source.raw_table}" for source in loaded.values()}
        there |= {f"raw.{name}" for name in raw_unions(loaded)}
        assert {t for t in needed if "catalogue__" not in t} <= there, model.table


@pytest.mark.parametrize("name", ["stg_eurostat__series", "stg_register__findings"])
def test_a_union_of_what_was_not_fetched_is_empty(name: str) -> None:
    project = Workbench.read()
    _, rows = preview.run(project, project.find(name), Path(__file__).parent, 1)
    assert rows.total == 0

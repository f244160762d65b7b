"""Column lineage from DuckDB's parse tree, and the sources that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from pipelines.core.registry import KINDS, read_registry
from pipelines.runner.dictionary import base_tables, dictionary_table, lineage_of
from pipelines.runner.lineage import ANY, column_lineage, sources_of
from pipelines.runner.macros import read_macros
from pipelines.runner.models import Model, read_models

GIVEN = {"raw.a": ["k", "x", "y"], "raw.b": ["k", "z"]}


def model(sql: str | None, *columns: str, table: str = "marts.m", **sidecar: object) -> Model:
    layer, name = table.split(".")
    facts: dict[str, dict[str, object]] = {c: {} for c in columns}
    return Model(layer, name, {"columns": facts, **sidecar}, sql, frozenset({"raw.a", "raw.b"}))


@pytest.mark.parametrize(
    ("sql", "made"),
    [
        ("select x as c from raw.a", ["a.x"]),
        ("select x + y as c from raw.a", ["a.x", "a.y"]),
        ("select 1 as c from raw.a", []),
        ("select count(*) as c from raw.a", []),
        ("select count(*) filter (where x > 0) as c from raw.a", ["a.x"]),
        ("select y as c from raw.a where x > 0", ["a.y"]),
        ("select c from raw.a as t(k, c, y)", ["a.x"]),
        ("with t as (select x as c from raw.a) select * from t", ["a.x"]),
        ("with t as (select * from raw.a), u as (select y as c from t) select c from u", ["a.y"]),
        ("with t(c) as (select y from raw.a) from t", ["a.y"]),
        (
            "with t as (select * exclude (k, y) replace (y as x) from raw.a) select x as c from t",
            ["a.y"],
        ),
        ("select a.x * b.z as c from raw.a inner join raw.b on a.k = b.k", ["a.x", "b.z"]),
        ("select k as c from raw.a left join raw.b using (k)", ["a.k"]),
        ("select k as c from raw.a right join raw.b using (k)", ["b.k"]),
        ("select k as c from raw.a full join raw.b using (k)", ["a.k", "b.k"]),
        ("select x as c from raw.a union all select z from raw.b", ["a.x", "b.z"]),
        (
            "select x as o, y as c from raw.a union all by name select z as c from raw.b",
            ["a.y", "b.z"],
        ),
        ("select (select max(z) from raw.b) as c from raw.a", ["b.z"]),
        ("select (select max(z + a.x) from raw.b) as c from raw.a", ["a.x", "b.z"]),
        ("select exists (select 1 from raw.b where b.k = a.y) as c from raw.a", ["a.y", "b.k"]),
        ("select x * 2 as d, d + y as c from raw.a", ["a.x", "a.y"]),
        ("select list_transform([x], lambda v: v + y) as c from raw.a", ["a.x", "a.y"]),
        ("select sum(x) over (partition by k order by y) as c from raw.a", ["a.k", "a.x", "a.y"]),
        ("select v as c from raw.a, unnest([x, y]) as u(v)", ["a.x", "a.y"]),
        ("select n as c from (values (1, 2)) as t(m, n)", []),
        ("select c from raw.a, lateral (select x + y as c) as l", ["a.x", "a.y"]),
        (
            "with recursive t as (select k, x as c from raw.a union all "
            "select b.k, t.c from t inner join raw.b on b.k = t.k) select c from t",
            ["a.x"],
        ),
    ],
)
def test_a_column_is_made_of(sql: str, made: list[str]) -> None:
    lineage = column_lineage([model(sql, "c")], GIVEN)
    (found,) = lineage.values()
    assert found == [("raw." + m.split(".")[0], m.split(".")[1]) for m in made]


@pytest.mark.parametrize(
    "sql", [None, "select * from typologies.snai(3)", "select c from typologies.snai(3) as t"]
)
def test_what_hides_its_columns_is_made_of_whole_tables(sql: str | None) -> None:
    lineage = column_lineage([model(sql, "c")], GIVEN)
    assert lineage["marts.m", "c"] == [("raw.a", ANY), ("raw.b", ANY)]


@dataclass(frozen=True)
class TableMacro:
    """A macro as the runner reads it from sql/macros."""

    body: str
    parameter_names: tuple[str, ...] = ()


def test_a_table_macro_is_read_through() -> None:
    inner = TableMacro("select k, x * factor as c from raw.a where y > floor", ("factor", "floor"))
    outer = TableMacro(
        "with t as (select * from typologies.inner_one(2)) select k, c + 1 as c from t"
    )
    macros = {"typologies.inner_one": inner, "typologies.outer_one": outer}
    for sql in (
        "select * from typologies.outer_one(floor := 3)",
        "select o.c from typologies.outer_one() as o inner join raw.b using (k)",
    ):
        lineage = column_lineage([model(sql, "c")], GIVEN, macros)
        assert lineage["marts.m", "c"] == [("raw.a", "x")]


def test_sources_follow_the_columns_until_a_model_declares_them() -> None:
    first = model(
        "select k, x, 1 as one from raw.a", "k", "x", "one", table="staging.s", primary_key=["k"]
    )
    second = model(
        "select s.k, s.x * b.z as c, n.label, count(*) as rows from staging.s "
        "inner join raw.b using (k) cross join seeds.n group by all",
        *("k", "c", "label", "rows"),
        primary_key=["k"],
    )
    third = model("select c from marts.m", "c", table="marts.n", primary_key=["c"])
    third.columns["c"]["sources"] = ["own"]
    fourth = model("select c from marts.n", "c", table="marts.o", primary_key=["c"])
    fourth.columns["c"]["also_from"] = ["besides"]
    models = [first, second, third, fourth]
    lineage = column_lineage(models, GIVEN | {"seeds.n": ["label"]})
    sources = sources_of(models, lineage, {"raw.a": ["file_a"], "raw.b": ["file_b"]})
    assert sources["marts.m", "c"] == ["file_a", "file_b"]
    assert sources["marts.m", "k"] == ["file_a"]
    # Our own label, and a count, speak of what the rows are.
    assert sources["marts.m", "label"] == ["file_a"]
    assert sources["marts.m", "rows"] == ["file_a"]
    assert sources["marts.n", "c"] == ["own"]
    assert sources["marts.o", "c"] == ["besides", "own"]


def test_the_reader_understands_every_statement_of_the_project() -> None:
    """Each SELECT gives the columns that its sidecar lists: no star and no union is misread."""
    given = {table: facts.columns for table, facts in base_tables(read_registry()).items()}
    models = read_models()
    lineage = column_lineage(models, given, read_macros())
    facts = (
        "seeds.dictionary",
        "seeds.lineage",
        "seeds.models",
        "seeds.registry",
        "seeds.union_parts",
    )  # made by the build from what is declared here
    for m in models:
        if m.sql is None:
            continue
        for name in m.columns:
            hidden = [t for t, c in lineage[m.table, name] if c == ANY and t not in facts]
            assert not hidden, (m.table, name)


def _dictionary(kinds: tuple[str, ...] = KINDS) -> list[dict[str, Any]]:
    """Return the dictionary of a database in which all sources of these kinds are."""
    models, registry = read_models(), read_registry()
    present = {name for name, source in registry.items() if source.kind in kinds}
    rows: list[dict[str, Any]] = dictionary_table(
        models, registry, lineage_of(models, registry), present
    ).to_pylist()
    return rows


def test_the_dictionary_names_no_source_whose_file_was_not_there() -> None:
    rows = {(r["table_name"], r["column_name"]): r for r in _dictionary(("embedded", "catalogue"))}
    assert set(rows["regions", "change_pct"]["sources"].split(", ")) == {
        "eurostat_five_year",
        "jrc_census_population",
    }
    assert rows["region_series", "median_age"]["sources"] == "eurostat_five_year"
    # OpenStreetMap's are stored matrices alone: without one nothing is under its licence.
    assert not [place for place, row in rows.items() if "ODbL" in row["licence"]]
    assert [place for place, row in rows.items() if "osm" in row["sources"]] == []
    assert [r for r in _dictionary() if "ODbL" in r["licence"]]


def test_the_dictionary_names_the_sources_of_known_columns() -> None:
    rows = _dictionary()
    sources = {(r["table_name"], r["column_name"]): set(r["sources"].split(", ")) for r in rows}
    population = {
        "eurostat_demo_r_pjanaggr3",
        "eurostat_demo_r_pjangrp3",
        "eurostat_five_year",
        "jrc_census_population",
    }
    assert sources["regions", "change_pct"] == population
    assert sources["regions", "urban_rural"] == {"gisco_nuts_2021"}
    assert sources["regions", "country_name"] == {"gisco_nuts_2021"}
    # Capped by its municipality and its region's official people, counted once by parts.
    assert sources["towns", "population"] == {
        "geonames_cities500",
        "eurostat_lau_2019",
        "eurostat_five_year",
        "jrc_census_population",
        "jrc_nuts_2016_2021",
        "gisco_nuts_2021",
    }
    # By the seed of series, and in periods of five years from the embedded figures.
    five_year = {"age_65_pct", "median_age", "density_per_km2", "gdp_pct_of_eu"}
    for column in five_year:
        assert "eurostat_five_year" in sources["region_series", column], column
    assert sources["region_series", "median_age"] == {
        "eurostat_demo_r_pjanind3",
        "eurostat_five_year",
    }
    assert sources["region_series", "age_80_pct"] == {"eurostat_demo_r_pjanind3"}
    assert sources["region_series", "births"] == {"eurostat_demo_r_births", "eurostat_five_year"}
    assert "gisco_healthcare" in sources["access", "minutes_nearest"]
    assert {"catalogue_piste", "geonames_cities500"} <= sources["social_places", "lon"]
    assert sources["thresholds", "value"] == {""}

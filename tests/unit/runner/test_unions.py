"""Unions, pivots and columns of a seed: what they say, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from pipelines.core.errors import ModelError
from pipelines.core.registry import Source, read_registry
from pipelines.runner import unions
from pipelines.runner.models import read_models

SEED = """measure,column,unit,label,description,source
sheep,sheep,head,Sheep,Sheep on 1 January.,s
goats,,head,Goats,,s
it's,wool_kg,kg,Wool,Wool in the year.,s
"""
KEYED = """description = "x"
grain = "x"
primary_key = ["id"]
"""


@pytest.fixture
def sql(tmp_path: Path) -> Path:
    """Return a folder of statements with a long table and its seed."""
    for layer in ("seeds", "staging", "indicators", "typologies", "marts"):
        (tmp_path / layer).mkdir()
    (tmp_path / "seeds" / "animals.csv").write_text(SEED)
    kinds = dict.fromkeys(("id", "name", "kind", "part"), "VARCHAR")
    kinds |= {"beds": "INTEGER", "more": "MAP(VARCHAR, VARCHAR)"}
    lines = [f"{name} = {{ type = '{kind}', description = 'x' }}" for name, kind in kinds.items()]
    (tmp_path / "fields.toml").write_text("\n".join(lines))
    return tmp_path


def write(folder: Path, name: str, more: str, statement: str = "") -> None:
    (folder / f"{name}.toml").write_text(KEYED + more)
    if statement:
        (folder / f"{name}.sql").write_text(statement)


def listed(*names: str) -> str:
    return f"fields = {json.dumps(names)}\n"


def test_a_union_gathers_what_the_parts_do_not_share(sql: Path) -> None:
    part = 'part_of = "stg_all__sites"\n'
    write(sql / "staging", "stg_a__sites", part + listed("id", "beds"), "select 'x' as id")
    write(sql / "staging", "stg_b__sites", part + listed("id", "kind"), "select 'y' as id")
    write(
        sql / "staging",
        "stg_all__sites",
        listed("part", "id", "more") + '[union]\nmap = "more"\n',
    )
    models = {m.name: m for m in read_models(sql)}
    union = models["stg_all__sites"]
    assert union.inputs == {"staging.stg_a__sites", "staging.stg_b__sites"}
    con = duckdb.connect()
    con.execute("create schema staging")
    con.execute("create table staging.stg_a__sites as select '1' as id, 12 as beds")
    con.execute("create table staging.stg_b__sites as select '2' as id, null as kind")
    assert con.execute(str(union.sql)).fetchall() == [
        ("a_sites", "1", {"beds": "12"}),
        ("b_sites", "2", {"kind": None}),
    ]
    table = unions.parts_table({m.table: m.sidecar for m in models.values()})
    assert table.to_pylist()[1] == {
        "union_name": "stg_all__sites",
        "part": "a_sites",
        "column_name": "beds",
    }


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("", r"staging\.stg_all__sites: no model says part_of = 'stg_all__sites'"),
        (
            'part_of = "stg_all__sites"\n' + listed("name"),
            r"sql/staging/stg_a__sites\.toml: is a part of .* and lacks its columns \['id'\]",
        ),
        (
            'part_of = "stg_all__sites"\n' + listed("id") + "[override]\nid = { type = 'INTEGER' }",
            r"sql/staging/stg_a__sites\.toml: column 'id' is INTEGER, in .* it is VARCHAR",
        ),
    ],
)
def test_a_part_that_does_not_fit_is_named(sql: Path, part: str, message: str) -> None:
    write(sql / "staging", "stg_all__sites", listed("id") + '[union]\nmap = "m"\n')
    if part:
        write(sql / "staging", "stg_a__sites", part, "select 1 as id")
    with pytest.raises(ModelError, match=message):
        read_models(sql)


def test_the_key_of_a_series_is_its_codes_in_order() -> None:
    spec = {"table": "series", "columns": ["geo", "value"], "key": "series_key"}
    facts = dict.fromkeys(
        ("publisher", "title", "description", "url", "version", "vintage", "licence"), ""
    ) | dict.fromkeys(("licence_url", "attribution", "citation", "path"), "")
    columns = {"freq": "VARCHAR", "sex": "VARCHAR", "geo": "VARCHAR", "value": "DOUBLE"}
    one, two = (
        Source(name=n, kind="fetched", raw_table=n, union=spec, columns=c, **facts)
        for n, c in (
            ("a", columns),
            ("b", {"freq": "VARCHAR", "geo": "VARCHAR", "value": "DOUBLE"}),
        )
    )
    con = duckdb.connect()
    con.execute("create schema raw")
    con.execute("create table raw.a as select 'A' as freq, 'F' as sex, 'LU' as geo, 1.0 as value")
    con.execute("create table raw.b as select 'A' as freq, 'MT' as geo, 2.0 as value")
    statement = unions.raw_unions({"a": one, "b": two})["series"]
    con.execute(f"create view raw.series as {statement}")
    found = con.execute("select part, series_key, geo, value from raw.series").fetchall()
    assert found == [("a", "A.F", "LU", 1), ("b", "A", "MT", 2)]
    broken = Source(name="c", kind="fetched", raw_table="c", union=spec, columns={}, **facts)
    with pytest.raises(ModelError, match=r"c\.toml: is a part of raw\.series and lacks .*'geo'"):
        unions.raw_unions({"c": broken})


def test_all_tables_of_eurostat_are_in_one() -> None:
    registry = read_registry()
    names = {name for name, source in registry.items() if source.extra.get("dataset")}
    statement = unions.raw_unions(registry)["eurostat_series"]
    assert len(names) >= 8
    assert all(f"'{name}' as part" in statement for name in names)


def test_a_pivot_makes_a_column_of_each_row_that_names_one(sql: Path) -> None:
    write(
        sql / "indicators",
        "ind_wide",
        listed("id", "*animals")
        + '[pivot]\ntable = "raw.long"\nnames = "measure"\nvalues = "value"\nseed = "animals"\n',
    )
    (model,) = read_models(sql)
    assert list(model.columns) == ["id", "sheep", "wool_kg"]
    assert model.columns["wool_kg"] == {
        "type": "DOUBLE",
        "label": "Wool",
        "unit": "kg",
        "description": "Wool in the year.",
        "sources": ["s"],
    }
    con = duckdb.connect()
    con.execute("create schema raw")
    con.execute(
        "create table raw.long as select * from (values ('r', 'sheep', 3.0), ('r', 'it''s', 9.0), "
        "('q', 'sheep', null), ('p', 'goats', 1.0)) as t(id, measure, value)"
    )
    assert sorted(con.execute(str(model.sql)).fetchall()) == [("q", None, None), ("r", 3, 9)]


@pytest.mark.parametrize(
    ("seed", "message"),
    [
        (SEED.replace("Sheep on 1 January.", ""), r"animals\.csv: row 2, description: is empty"),
        (SEED.replace("wool_kg", "sheep"), r"animals\.csv: column: \['sheep'\] stand there twice"),
        (SEED.replace("wool_kg", "id"), r"x: the columns \['id'\] are declared twice"),
        (SEED.replace("label", "words"), r"x: sql/seeds/animals\.csv has no fields \['label'\]"),
        ("", r"x: there is no seed 'animals'"),
    ],
)
def test_a_row_that_declares_no_column_is_named(sql: Path, seed: str, message: str) -> None:
    path = sql / "seeds" / "animals.csv"
    path.write_text(seed) if seed else path.unlink()
    sidecar = {"columns": {"id": {"type": "VARCHAR"}, "more": {"seed": "animals"}}}
    with pytest.raises(ModelError, match=message):
        unions.with_seed_columns(sidecar, sql / "seeds", "x")


def test_sources_are_added_to_what_a_seed_declares(sql: Path) -> None:
    columns = {"id": {"type": "VARCHAR"}, "more": {"seed": "animals"}}
    named = list(unions.with_seed_columns({"columns": columns}, sql / "seeds", "x")["columns"])
    group = {"sources": ["besides"], "fields": [named[-1]]}
    sidecar = {"columns": columns, "also_from": [group]}
    read = unions.with_seed_columns(sidecar, sql / "seeds", "x")["columns"]
    assert read[named[-1]]["also_from"] == ["besides"]
    assert read[named[-1]]["sources"], "the seed's stay"
    assert [name for name in named if "also_from" in read[name]] == named[-1:]
    group["fields"] = ["nothing"]
    with pytest.raises(
        ModelError, match=r"x: also_from names \['nothing'\], which fields does not"
    ):
        unions.with_seed_columns(sidecar, sql / "seeds", "x")


def test_what_is_allowed_can_be_what_a_seed_has(sql: Path) -> None:
    allowed = {"seed": "animals", "column": "measure"}
    sidecar = {"columns": {"id": {"type": "VARCHAR", "allowed": allowed}}}
    found = unions.with_seed_columns(sidecar, sql / "seeds", "x")
    assert found["columns"]["id"]["allowed"] == ["sheep", "goats", "it's"]

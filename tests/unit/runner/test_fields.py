"""Columns are declared once: sql/fields.toml, and what a sidecar may say of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelines.catalogue.schema import read_schema
from pipelines.core import paths
from pipelines.core.errors import ModelError
from pipelines.core.registry import read_registry
from pipelines.runner import fields
from pipelines.runner.dictionary import unknown_sources
from pipelines.runner.models import read_model, read_models
from pipelines.runner.seeds import read_seed

FIELDS = {
    "level": {"type": "TINYINT", "description": "NUTS level.", "min": 0, "max": 3},
    "name": {"type": "VARCHAR", "label": "Name", "description": "Name in Latin script."},
    "town": {"type": "INTEGER", "description": "Town.", "references": "marts.towns.geonameid"},
}

# The catalogue's own words for other things; its columns are a public contract, and renaming
# them would break its readers. docs/decisions.md
OTHER_THINGS = {
    ("social_places", "level"),
    ("practice_fits", "value"),
    ("case_studies", "part_of"),  # a case, not a settlement
}


def test_a_sidecar_lists_names_and_says_what_differs() -> None:
    sidecar = {
        "fields": ["name!", "level", "town"],
        "override": {"name": {"label": "Region"}, "level": {"without": ["max"], "min": 1}},
    }
    columns = fields.columns_of(sidecar, FIELDS, "here")
    assert list(columns) == ["name", "level", "town"]
    assert columns["name"] == {
        "type": "VARCHAR",
        "label": "Region",
        "unit": "",
        "description": "Name in Latin script.",
        "nullable": False,
    }
    assert columns["level"]["min"] == 1
    assert columns["level"]["nullable"]
    assert "max" not in columns["level"]
    assert columns["town"]["references"] == ["marts.towns.geonameid"]


def test_sources_are_of_all_columns_or_of_some() -> None:
    sidecar = {
        "fields": ["name", "level", "town"],
        "sources": ["a"],
        "from": [{"sources": ["b", "c"], "fields": ["level"]}],
    }
    columns = fields.columns_of(sidecar, FIELDS, "here")
    assert [f["sources"] for f in columns.values()] == [["a"], ["b", "c"], ["a"]]
    assert "sources" not in fields.columns_of({"fields": ["name"]}, FIELDS, "here")["name"]


@pytest.mark.parametrize(
    ("sidecar", "message"),
    [
        ({"fields": "name"}, "fields is 'name', expected a list of names"),
        ({"fields": ["name"], "from": {"sources": ["a"]}}, r"expected \[\[from\]\]"),
        ({"fields": ["name"], "from": [{"sources": ["a"]}]}, r"from lacks \['fields'\]"),
        ({"fields": ["nmae"]}, r"sql/fields.toml has no field \['nmae'\]"),
        ({"fields": ["name", "name!"]}, r"\['name'\] twice"),
        (
            {"fields": ["name"], "override": {"level": {"min": 1}}},
            r"override of \['level'\], which",
        ),
        ({"fields": ["name"], "override": {"name": {"lable": "x"}}}, r"unknown keys \['lable'\]"),
        ({"fields": ["name"], "override": {"name": "Region"}}, "is 'Region', expected a table"),
        (
            {"fields": ["name"], "override": {"name": {"label": "Name"}}},
            r"override of 'name' says \['label'\] as sql/fields.toml does",
        ),
        (
            {"fields": ["name"], "override": {"name": {"without": ["min"]}}},
            r"without \['min'\], which the field has not",
        ),
        ({"fields": ["name"], "from": [{"source": ["a"]}]}, r"from has unknown keys \['source'\]"),
        (
            {"fields": ["name"], "from": [{"sources": ["a"], "fields": ["level"]}]},
            r"from names \['level'\], which fields does not list",
        ),
    ],
)
def test_what_a_sidecar_may_not_say_is_named(sidecar: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match="^sql/marts/m.toml.*" + message):
        fields.columns_of(sidecar, FIELDS, "sql/marts/m.toml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1 = 2", "sql/fields.toml: not readable as TOML"),
        ("a = { type = 'INTEGER' }", "field 'a' needs description"),
        (
            "a = { type = 'INTEGER', description = 'A.', units = 'm' }",
            r"keys \['units'\]; allowed: ",
        ),
        ("a = 'INTEGER'", "field 'a' is 'INTEGER', expected a table"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "fields.toml").write_text(text, "utf-8")
    with pytest.raises(ModelError, match=message):
        fields.read_fields(tmp_path)


def test_an_unknown_key_of_a_sidecar_is_named(tmp_path: Path) -> None:
    path = tmp_path / "marts" / "m.toml"
    path.parent.mkdir()
    path.write_text(
        'description = "x"\ngrain = "x"\nprimary_key = ["name"]\nfields = ["name"]\ncolums = 1\n'
    )
    with pytest.raises(
        ModelError, match=r"^sql/marts/m.toml: unknown keys \['colums'\]; allowed: "
    ):
        read_model(path, FIELDS)


def seeds() -> list[Path]:
    return sorted((paths.sql_dir() / "seeds").glob("*.toml"))


def test_every_field_is_used() -> None:
    known = fields.read_fields()
    used = {name for path in seeds() for name in read_seed(path, known).columns}
    for model in read_models():
        used |= set(model.columns)
    assert not set(known) - used


def test_a_name_has_one_type_in_all_marts() -> None:
    types: dict[str, set[str]] = {}
    for model in read_models():
        if model.layer == "marts":
            for name, facts in model.columns.items():
                if (model.name, name) not in OTHER_THINGS:
                    types.setdefault(name, set()).add(facts["type"])
    assert {name: found for name, found in types.items() if len(found) > 1} == {}


def test_the_exceptions_are_needed() -> None:
    known = fields.read_fields()
    columns = {(m.name, c): f["type"] for m in read_models() for c, f in m.columns.items()}
    for table, name in OTHER_THINGS:
        assert columns[table, name] != known[name]["type"]


def test_only_weights_and_rates_leave_the_type_of_their_field() -> None:
    # Below the marts a figure may be finer than what is published: it says so in an override.
    known = fields.read_fields()
    other = {
        (m.table, c)
        for m in read_models()
        for c, f in m.columns.items()
        if c in known and f["type"] != known[c]["type"] and (m.name, c) not in OTHER_THINGS
    }
    assert other == {
        ("indicators.ind_region__balance", "population"),  # before rounding
        ("indicators.ind_region__components", "population"),
        ("indicators.ind_region__density", "people"),
        ("indicators.ind_region__periods", "population"),
        ("staging.stg_eurostat__five_year", "population"),  # as condensed
        ("staging.stg_eurostat__five_year", "births"),
        ("staging.stg_eurostat__five_year", "deaths"),
        ("staging.stg_jrc__crosswalk", "population_2011"),  # weights
        ("staging.stg_jrc__crosswalk", "population_2021"),
        ("staging.stg_gisco__education", "capacity"),  # pupils, as published
    }


def test_every_column_of_a_mart_has_a_label() -> None:
    unlabelled = [
        (m.table, c)
        for m in read_models()
        for c, f in m.columns.items()
        if m.layer == "marts" and not f["label"]
    ]
    assert unlabelled == []


def test_declared_sources_are_known_and_no_staging_model_declares_any() -> None:
    models = read_models()
    assert unknown_sources(models, read_registry()) == []
    few = {"jrc_census_population": read_registry()["jrc_census_population"]}
    named = unknown_sources(models, few)
    assert "indicators.ind_settlement__place.geonameid: geonames_cities500" in named
    assert "marts.social_places.lon: geonames_cities500" in named
    # What a file holds is what its raw table says: staging derives it like any other layer.
    assert not [
        m.table
        for m in models
        for f in m.columns.values()
        if m.layer == "staging" and "sources" in f
    ]


def test_every_reference_is_a_column_that_identifies() -> None:
    models = read_models()
    columns = {f"{m.table}.{c}" for m in models for c in m.columns}
    known = fields.read_fields()
    columns |= {f"seeds.{p.stem}.{c}" for p in seeds() for c in read_seed(p, known).columns}
    for model in models:
        for name, facts in model.columns.items():
            for reference in facts.get("references", []):
                assert reference in columns, f"{model.table}.{name}: {reference}"


def test_the_catalogue_publishes_the_columns_of_its_schema() -> None:
    schema = read_schema(paths.catalogue_dir())
    marts = {m.name: m for m in read_models() if m.layer == "marts"}
    published = [t for t in schema.tables.values() if t.mart]
    assert len(published) == 12
    for table in published:
        mart = marts[table.mart.name]
        assert mart.made_by == "geodata/catalogue/schema.toml"
        assert not (paths.sql_dir() / "marts" / f"{mart.name}.sql").exists()
        for column in table.columns.values():
            assert mart.columns[column.mart_name]["description"] == column.description

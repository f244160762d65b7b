"""The data tests of the seeds of services and series, on the real seeds and on broken rows."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.core.registry import read_registry
from pipelines.runner.models import read_models
from pipelines.runner.seeds import load_seeds
from pipelines.runner.unions import parts_table
from tests.where import ROOT


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """Return a database of the seeds, and of one Eurostat file of two series."""
    con = duckdb.connect()
    load_seeds(con)
    part_rows = parts_table({m.table: m.sidecar for m in read_models()})
    con.execute("create table seeds.union_parts as from part_rows")
    assert len(part_rows)
    con.execute("create table seeds.registry (name varchar)")
    con.executemany("insert into seeds.registry values (?)", [[n] for n in read_registry()])
    con.execute("create schema raw")
    con.execute(
        "create table raw.eurostat_series as select 'eurostat_reg_area3' as part, "
        "unnest(['A.KM2.TOTAL', 'A.KM2.L0008']) as series_key"
    )
    return con


def bad_rows(con: duckdb.DuckDBPyConnection, name: str) -> list[tuple]:
    return con.execute((ROOT / "sql" / "tests" / f"{name}.sql").read_text("utf-8")).fetchall()


@pytest.mark.parametrize(
    ("change", "service", "bad"),
    [
        ("filter_column = 'emergency'", "hospital_emergency", ("filter_column", "emergency")),
        ("capacity_column = 'bed'", "hospital_beds", ("capacity_column", "bed")),
        ("source = 'gisco_helthcare'", "hospital", ("source", "gisco_helthcare")),
        ("reference = 'x'", "hospital", ("reference", "x")),
        ("least_population = 'x'", "basic_centre", ("least_population", "x")),
        (
            "least_population = 'access_basic_population'",
            "hospital",
            ("source", "gisco_healthcare"),
        ),
        ("kind = 'stand-in'", "university", ("kind", "stand-in")),
    ],
)
def test_services(
    con: duckdb.DuckDBPyConnection, change: str, service: str, bad: tuple[str, str]
) -> None:
    assert bad_rows(con, "services__name_what_is_there") == []
    con.execute(f"update seeds.services set {change} where service = ?", [service])  # noqa: S608
    ((where, field, found, allowed),) = bad_rows(con, "services__name_what_is_there")
    assert (where, (field, found)) == (service, bad)
    assert allowed


@pytest.mark.parametrize(
    ("change", "bad"),
    [
        ("series_key = 'A.HA.TOTAL'", ("series_key", "eurostat_reg_area3 A.HA.TOTAL")),
        ("source = 'eurostat_x'", ("source", "eurostat_x")),
    ],
)
def test_series(con: duckdb.DuckDBPyConnection, change: str, bad: tuple[str, str]) -> None:
    assert bad_rows(con, "series_measures__name_series_that_are_there") == []
    con.execute(f"update seeds.series_measures set {change} where measure = 'area_km2'")  # noqa: S608
    ((measure, *found, allowed),) = bad_rows(con, "series_measures__name_series_that_are_there")
    assert (measure, tuple(found)) == ("area_km2", bad)
    assert allowed


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("source = null", "source"),
        ("reason = null", "reason"),
        ("measure = 'death'", "measure"),
        ("nuts_id = 'HX'", "nuts_id"),
        ("year_to = 1980", "year_to"),
        ("level_to = 4", "level_to"),
        ("action = 'people_per_area'", "action"),
    ],
)
def test_a_correction_without_evidence_is_named(
    con: duckdb.DuckDBPyConnection, change: str, field: str
) -> None:
    con.execute("create schema indicators")
    con.execute("create table indicators.ind_region__list as select unnest(['HU', 'AL']) nuts_id")
    con.execute("create schema marts")
    con.execute(
        "create table marts.plausibility_findings as select 'HU1' as nuts_id, 'deaths' as measure, "
        "'correction' as becomes"
    )
    assert bad_rows(con, "series_corrections__have_evidence") == []
    con.execute(f"update seeds.series_corrections set {change} where nuts_id = 'HU'")  # noqa: S608
    rows = bad_rows(con, "series_corrections__have_evidence")
    assert rows[0][2] == field
    assert rows[0][0] == 2
    assert rows[0][4]


@pytest.mark.parametrize(
    ("change", "field"),
    [("threshold = 'plausibility_x'", "threshold"), ("becomes = 'deleted'", "becomes")],
)
def test_a_rule_names_a_threshold_and_an_end(
    con: duckdb.DuckDBPyConnection, change: str, field: str
) -> None:
    assert bad_rows(con, "plausibility_rules__name_what_is_there") == []
    con.execute(
        f"update seeds.plausibility_rules set {change} where rule = 'rate_course'"  # noqa: S608
    )
    ((_, rule, found, *_),) = bad_rows(con, "plausibility_rules__name_what_is_there")
    assert (rule, found) == ("rate_course", field)

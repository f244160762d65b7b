"""The data tests of the seeds of services and series, on the real seeds and on broken rows."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.core.registry import read_registry
from pipelines.runner.models import read_models
from pipelines.runner.raw import load_seeds
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

"""From Eurostat's files to births, deaths and the rest by year: hand calculations."""

from __future__ import annotations

import gzip
import re
from collections import defaultdict

import duckdb
import pytest

from pipelines.core.errors import CheckFailed
from pipelines.core.registry import read_registry
from pipelines.nuts import demography
from pipelines.runner.unions import raw_unions
from pipelines.sources import eurostat_tsv, jrc
from tests.where import ROOT

SHARED = ROOT.parent / "shared" / "data"
RAW = ("demo_r_pjanaggr3", "demo_r_pjangrp3", "demo_r_births", "demo_r_deaths")
EMPTY = ("reg_area3", "demo_r_d3dens", "demo_r_pjanind3", "nama_10r_3gdp")
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is not there"),
]


REGISTRY = read_registry(ROOT / "geodata" / "sources")


def statement(layer: str, name: str) -> str:
    return (ROOT / "sql" / layer / f"{name}.sql").read_text("utf-8")


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    for schema in ("raw", "seeds", "staging", "indicators"):
        con.execute(f"create schema {schema}")
    for name in (*RAW, *EMPTY):
        source = REGISTRY[f"eurostat_{name}"]
        table = eurostat_tsv.read(SHARED / "eurostat" / f"{name}.tsv.gz", source)
        table = table.slice(0, 0) if name in EMPTY else table
        con.register("t", table)
        con.execute(f"create table raw.eurostat_{name} as from t")
    for a, b in ((2013, 2021), (2016, 2021), (2021, 2024)):
        path = SHARED / "jrc" / f"n3_cm_v{a}_v{b}.csv"
        con.register("t", jrc.read(path, REGISTRY[f"jrc_nuts_{a}_{b}"]))
        con.execute(f"create table raw.jrc_nuts_{a}_{b} as from t")
    con.execute(f"create view raw.eurostat_series as {raw_unions(REGISTRY)['eurostat_series']}")
    seed = ROOT / "sql" / "seeds" / "series_measures.csv"
    con.execute(f"create table seeds.series_measures as from read_csv('{seed}', header=true)")
    for name in ("stg_eurostat__series", "stg_jrc__crosswalk"):
        con.execute(f"create table staging.{name} as {statement('staging', name)}")
    con.execute("create table staging.stg_nuts__codes (nuts_version integer, nuts_id varchar)")
    given = (
        "staging.stg_eurostat__series",
        "staging.stg_jrc__crosswalk",
        "staging.stg_nuts__codes",
        "seeds.series_measures",
    )
    result = demography.harmonise({name: con.table(name).to_arrow_table() for name in given})
    con.register("t", result)
    con.execute("create table indicators.ind_region__series as from t")
    name = "ind_region__balance"
    con.execute(f"create table indicators.{name} as {statement('indicators', name)}")
    return con


def line(name: str, key: str) -> dict[int, int]:
    """Return one region's figures by year, from the unpacked text by hand."""
    with gzip.open(SHARED / "eurostat" / f"{name}.tsv.gz", "rt") as handle:
        years = [int(year) for year in handle.readline().split("\t")[1:]]
        cells = next(row for row in handle if row.startswith(f"{key}\t")).split("\t")[1:]
    figures = {y: re.sub(r"\D", "", cell) for y, cell in zip(years, cells, strict=True)}
    return {year: int(text) for year, text in figures.items() if text}


def test_hersfeld_rotenburg_by_hand(con: duckdb.DuckDBPyConnection) -> None:
    births, deaths = line("demo_r_births", "A,NR,DE733"), line("demo_r_deaths", "A,NR,DE733")
    people = line("demo_r_pjanaggr3", "A,NR,T,TOTAL,DE733")
    rows = con.execute(
        "select year, births, deaths, natural_change, net_migration from"
        " indicators.ind_region__balance where nuts_id = 'DE733' and nuts_version = 2021"
    ).fetchall()
    compared = 0
    for year, b, d, natural, migration in rows:
        assert b == births.get(year)
        assert d == deaths.get(year)
        if year in people and year + 1 in people:
            assert natural == births[year] - deaths[year]
            assert migration == people[year + 1] - people[year] - births[year] + deaths[year]
            compared += 1
    assert compared == 20
    # 2005: 1 020 births, 1 450 deaths, 127 777 people before and 127 156 after.
    assert (2005, 1020.0, 1450.0, -430.0, -191.0) in rows


def test_the_last_years_come_from_the_age_table(con: duckdb.DuckDBPyConnection) -> None:
    """Both ends of a change are of one table: the main one ends in 2020."""
    ages = line("demo_r_pjangrp3", "T,NR,TOTAL,DE733")
    row = con.execute(
        "select total_change, population_source from indicators.ind_region__balance"
        " where nuts_id = 'DE733' and nuts_version = 2021 and year in (2020, 2021) order by year"
    ).fetchall()
    assert row == [
        (ages[2021] - ages[2020], "demo_r_pjanaggr3"),
        (ages[2022] - ages[2021], "demo_r_pjangrp3"),
    ]


def test_regions_sum_to_their_country(con: duckdb.DuckDBPyConnection) -> None:
    """From 2007 on NUTS-3 sums with extra-regio equal NUTS-0 to the person.

    Before, several countries published rounded or later revised regional figures; the
    named exception is the publisher's own.
    """
    rows = con.execute(
        """
        select measure, nuts_id as geo, year, value from indicators.ind_region__series
        where nuts_version = 2021 and measure in ('births', 'deaths') and length(nuts_id) in (2, 5)
        union all
        select measure, geo, time_period, obs_value from staging.stg_eurostat__series
        where measure in ('births', 'deaths') and geo like '__ZZZ'
        """
    ).fetchall()
    sums, known, whole = defaultdict(float), defaultdict(int), {}
    for measure, code, year, value in rows:
        if len(code) == 2:
            whole[measure, code, year] = value
        elif value is not None:
            sums[measure, code[:2], year] += value
            known[measure, code[:2], year] += not code.endswith("ZZZ")
    regions = {"AT": 35, "BG": 28, "DK": 11, "FI": 19, "SE": 21, "SK": 8, "CZ": 14}
    odd, compared = set(), 0
    for key, value in whole.items():
        if value is not None and known[key] == regions.get(key[1]) and key[2] >= 2007:
            compared += 1
            if abs(sums[key] - value) > 1e-6:
                odd.add(key)
    assert compared > 150
    assert odd == {("births", "SK", 2012)}


def test_every_conversion_is_marked(con: duckdb.DuckDBPyConnection) -> None:
    bad = con.execute(
        "select count(*) from indicators.ind_region__series"
        " where (conversion = 'as_published') != (source_version = nuts_version)"
    ).fetchone()
    assert bad == (0,)
    marks = dict(
        con.execute(
            "select conversion, count(*) from indicators.ind_region__series"
            " where nuts_version = 2024 group by conversion"
        ).fetchall()
    )
    assert set(marks) == {"as_published", "unchanged", "recoded", "merged", "estimated"}


def test_nothing_fetched_gives_empty_tables(con: duckdb.DuckDBPyConnection) -> None:
    given = {
        name: con.table(name).to_arrow_table()
        for name in (
            "staging.stg_eurostat__series",
            "staging.stg_jrc__crosswalk",
            "staging.stg_nuts__codes",
        )
    }
    given = {name: table.slice(0, 0) for name, table in given.items()}
    given["seeds.series_measures"] = con.table("seeds.series_measures").to_arrow_table()
    for model in (demography.harmonise, demography.vintages):
        assert len(model(given)) == 0


@pytest.mark.parametrize(("field", "wrong"), [("kind", "count"), ("weight", "sheep")])
def test_a_measure_of_no_known_kind_is_named(
    con: duckdb.DuckDBPyConnection, field: str, wrong: str
) -> None:
    names = ("staging.stg_eurostat__series", "staging.stg_jrc__crosswalk")
    given = {name: con.table(name).to_arrow_table().slice(0, 0) for name in names}
    given["staging.stg_nuts__codes"] = con.table("staging.stg_nuts__codes").to_arrow_table()
    given["seeds.series_measures"] = con.sql(
        f"select * replace (if(measure = 'births', '{wrong}', {field}) as {field}) "  # noqa: S608
        "from seeds.series_measures"
    ).to_arrow_table()
    message = (
        rf"series_measures\.csv: row 4 \(births\), {field}: '{wrong}' found, allowed are \w+, "
    )
    for model in (demography.harmonise, demography.vintages):
        with pytest.raises(CheckFailed, match=message):
            model(given)


def test_without_crosswalks_nothing_is_guessed(con: duckdb.DuckDBPyConnection) -> None:
    """Figures of the wanted vintage pass; others are left out, not passed off as it."""
    given = {
        name: con.table(name).to_arrow_table()
        for name in ("staging.stg_eurostat__series", "seeds.series_measures")
    }
    crosswalk = con.table("staging.stg_jrc__crosswalk").to_arrow_table()
    given["staging.stg_jrc__crosswalk"] = crosswalk.slice(0, 0)
    given["staging.stg_nuts__codes"] = con.sql(
        "select distinct 2021::integer as nuts_version, from_code as nuts_id"
        " from staging.stg_jrc__crosswalk where from_version = 2021"
    ).to_arrow_table()
    result = demography.harmonise(given)
    assert set(result["conversion"].unique().to_pylist()) == {"as_published"}
    assert set(result["nuts_version"].unique().to_pylist()) == {2021}

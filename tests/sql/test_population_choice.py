"""The choice of the years that Overview and Regions show, by the statement itself."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.runner.macros import create_macros, read_macros, thresholds_macro
from tests.where import ROOT

STATEMENT = (ROOT / "sql/indicators/ind_region__population_choice.sql").read_text("utf-8")
SERIES, CENSUS = "Eurostat demo_r_pjanaggr3 / pjangrp3", "census grid, JRC"


def choice(regions_by_year: dict[int, int], share: float = 0.95) -> tuple[str, int, int]:
    """Return the choice where the first so many regions of each year are known."""
    con = duckdb.connect()
    con.execute("create schema indicators")
    values = {"population_least_known_share": share, "population_span_years": 10.0}
    create_macros(con, [thresholds_macro(values), read_macros()["threshold"]])
    con.execute("create table indicators.ind_region__population_yearly (nuts_id int, year int)")
    for year, regions in regions_by_year.items():
        con.execute(
            "insert into indicators.ind_region__population_yearly select range, ? from range(?)",
            [year, regions],
        )
    rows = con.execute(STATEMENT).fetchall()
    assert len(rows) == 1
    return rows[0]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, (CENSUS, 2011, 2021)),
        # 95 of 100 is enough, 94 is not; the first year may be known less widely.
        ({2012: 100, 2022: 95}, (SERIES, 2012, 2022)),
        ({2009: 60, 2012: 100, 2019: 100, 2022: 94}, (SERIES, 2009, 2019)),
        # The age table alone begins too late for the span.
        ({2014: 100, 2022: 100}, (CENSUS, 2011, 2021)),
    ],
)
def test_years_follow_the_newest_widely_known_year(
    known: dict[int, int], expected: tuple[str, int, int]
) -> None:
    assert choice(known) == expected


def test_the_share_is_the_threshold() -> None:
    known = {2009: 100, 2012: 100, 2019: 100, 2022: 88}
    assert choice(known) == (SERIES, 2009, 2019)
    assert choice(known, 0.88) == (SERIES, 2012, 2022)

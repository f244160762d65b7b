"""Women and young adults by region, against the rows of Eurostat's own files."""

from __future__ import annotations

import pytest

from pipelines.core.registry import read_registry
from pipelines.serve.store import Store

COLUMNS = "women_per_100_men, age_20_39_pct, women_20_39, women_20_39_pct"


@pytest.mark.shared
def test_of_a_year(full_store: Store) -> None:
    """DE80N on 1 January 2021, added up by hand.

    demo_r_pjangrp3: women 5 355 + 4 399 + 7 554 + 7 140 of 20-24 to 35-39, people 235 773 in all.
    demo_r_pjanind3: PC_FM 104.4 (120 396 women to 115 377 men), PC_Y20_39 21.0.
    """
    (row,) = full_store.rows(
        f"select {COLUMNS} from marts.region_series "  # noqa: S608 - a constant
        "where nuts_id = 'DE80N' and year = 2021 and nuts_version = 2021 and period_years = 1"
    )
    assert row["women_per_100_men"] == 104.4
    assert row["age_20_39_pct"] == 21.0
    assert row["women_20_39"] == 24_448
    assert row["women_20_39_pct"] == pytest.approx(100 * 24_448 / 235_773)


@pytest.mark.shared
def test_newest_of_a_region(full_store: Store) -> None:
    rows = full_store.rows(
        f"select {COLUMNS} from marts.region_demography "  # noqa: S608 - a constant
        "where level = 3 and nuts_version = 2021 "
        "and women_per_100_men is not null"
    )
    assert len(rows) > 1000
    assert all(60 < row["women_per_100_men"] < 150 for row in rows)
    young = [row for row in rows if row["women_20_39_pct"] is not None]
    assert all(row["women_20_39_pct"] < row["age_20_39_pct"] for row in young)


def test_not_known_from_the_five_year_figures(store: Store) -> None:
    (row,) = store.rows(
        "select count(women_per_100_men) as women, count(women_20_39) as young, "
        "count(median_age) as ages from marts.region_demography"
    )
    assert (row["women"], row["young"]) == (0, 0)
    assert row["ages"] > 1000
    (line,) = store.rows(
        "select definition from marts.indicators "
        "where table_name = 'region_demography' and column_name = 'women_20_39'"
    )
    assert "hold no sexes" in line["definition"]


def test_eurostat_is_asked_for_women() -> None:
    codes = read_registry()["eurostat_demo_r_pjangrp3"].extra["filters"]["codes"]
    assert "F" in codes["sex"]
    assert {"Y20-24", "Y25-29", "Y30-34", "Y35-39"} <= set(codes["age"])

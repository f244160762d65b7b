"""The figures of a map by year: those of the table, with the shortest period that tells a year."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines.serve import region_years
from pipelines.serve.store import Store


def lines(*rows: tuple[str, int, int, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["nuts_id", "year", "period_years", "value"])
    return frame.sort_values(["period_years", "nuts_id", "year"])


def test_a_year_is_told_by_itself_before_the_five_years_that_hold_it() -> None:
    known = lines(
        ("AA1", 2017, 1, -2.0),
        ("AA1", 2016, 5, 9.0),
        ("BB1", 2016, 5, 3.0),
        ("CC1", 2012, 5, 4.0),  # 2012 to 2016: over before 2017 began
    )
    shown = region_years._of_year(known, ["AA1", "BB1", "CC1"], 2017, True)
    assert shown.values["value"].tolist()[:2] == [-2.0, 3.0]
    assert np.isnan(shown.values["value"][2])
    assert (shown.first, shown.last, shown.means) == (2017, 2017, 1)


def test_where_all_figures_are_of_five_years_the_years_of_the_events_are_named() -> None:
    known = lines(("AA1", 2016, 5, 9.0), ("BB1", 2016, 5, 3.0))
    shown = region_years._of_year(known, ["AA1", "BB1"], 2016, True)
    assert (shown.first, shown.last, shown.means) == (2016, 2021, 0)


def test_a_state_is_of_its_own_year_alone() -> None:
    known = lines(("AA1", 2016, 5, 44.0), ("BB1", 2017, 5, 41.0))
    shown = region_years._of_year(known, ["AA1", "BB1"], 2017, False)
    assert np.isnan(shown.values["value"][0])
    assert shown.values["value"][1] == 41.0
    assert (shown.first, shown.last, shown.means) == (2017, 2017, 0)


@pytest.mark.parametrize("column", ["natural_change_per_1000", "density_per_km2"])
def test_figures_and_years_are_those_of_the_table(store: Store, column: str) -> None:
    years = region_years.years(store, column, 3)
    table = store.frame(
        "select * from marts.region_series "
        "where nuts_version = 2021 and level = 3 and period_years = 5"
    )
    known = table.dropna(subset=[column])
    counted = known.groupby("year").size()
    # A third of 1 514 regions is 500.
    assert years == tuple(counted[counted >= 500].index)
    assert len(years) >= 4
    shown = region_years.of_year(store, column, 3, years[0]).values
    assert shown["nuts_id"].tolist() == sorted(shown["nuts_id"])
    assert len(shown) == 1514
    own = known[known["year"] == years[0]].set_index("nuts_id")[column].to_dict()
    assert shown.dropna().set_index("nuts_id")["value"].to_dict() == own
    total = known["year"].isin(years).sum()
    assert len(region_years.pooled(store, column, 3)) == total


def test_a_year_that_few_regions_have_is_no_year_of_the_slider(store: Store) -> None:
    """Median ages of 2019 and 2020 are those of 190 regions whose later ones are not known."""
    assert region_years.years(store, "median_age", 3) == (2021,)

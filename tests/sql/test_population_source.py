"""Which population Overview and Regions show: the censuses, elsewhere the series."""

from __future__ import annotations

import gzip
import re
from functools import cache

import pandas as pd
import pytest

from pipelines.serve import queries
from pipelines.serve.store import Store
from tests.where import DATA

EUROSTAT = DATA / "eurostat"
SERIES = "Eurostat demo_r_pjanaggr3 / pjangrp3"


@cache
def _raw() -> dict[str, dict[int, int]]:
    """Return people by region and year, from the text of the publisher's files by hand.

    The main table is asked first; the age table fills the years that it lacks.
    """
    result: dict[str, dict[int, int]] = {}
    for name, head in (
        ("demo_r_pjanaggr3.tsv.gz", "A,NR,T,TOTAL,"),
        ("demo_r_pjangrp3.tsv.gz", "T,NR,TOTAL,"),
    ):
        with gzip.open(EUROSTAT / name, "rt") as handle:
            years = [int(y) for y in next(handle).rstrip("\n").split("\t")[1:]]
            for line in handle:
                key, *cells = line.rstrip("\n").split("\t")
                if key.startswith(head):
                    digits = [re.sub(r"\D", "", cell) for cell in cells]
                    known = {y: int(d) for y, d in zip(years, digits, strict=True) if d}
                    code = key.rsplit(",", 1)[1]
                    result[code] = known | result.get(code, {})
    return result


def test_the_censuses_first_and_the_series_elsewhere(store: Store) -> None:
    basis = queries.population_basis(store)
    assert (basis["year_start"], basis["year_end"]) == (2011, 2021)
    assert (basis["by_census"], basis["by_series"]) == (1198, 96)
    assert basis["sources"] == ("jrc_census_population", "eurostat_five_year")
    partly = queries.partly_known_countries(store)
    assert partly.set_index("country_name").loc["France"].tolist() == [99, 101]


@pytest.mark.shared
def test_fetching_changes_the_source_of_the_series_alone(full_store: Store, store: Store) -> None:
    basis = queries.population_basis(full_store)
    assert (basis["by_census"], basis["by_series"]) == (1198, 96)
    assert set(basis["sources"]) == {"jrc_census_population", *queries.EUROSTAT_POPULATION}
    spans = full_store.frame(
        "select distinct population_source, year_start, year_end from marts.regions "
        "where level = 3 and population_end is not null order by 1"
    )
    assert spans.values.tolist() == [[SERIES, 2011, 2021], ["census grid, JRC", 2011, 2021]]
    columns = "nuts_id, population_start, population_end, change_pct, trend"
    sql = f"select {columns} from marts.regions order by nuts_id"  # noqa: S608
    pd.testing.assert_frame_equal(full_store.frame(sql), store.frame(sql))


@pytest.mark.shared
def test_hersfeld_rotenburg_from_the_text_of_the_file(full_store: Store) -> None:
    """The census says -3.29 %; by the register 120 937 people of 2011 became 120 304: -0.52 %."""
    row = queries.region(full_store, "DE733")
    assert row
    assert (_raw()["DE733"][2011], _raw()["DE733"][2021]) == (120_937, 120_304)
    assert (row["series_population_start"], row["series_population_end"]) == (120_937, 120_304)
    assert row["series_source"] == SERIES
    assert row["series_change_pct"] == pytest.approx(-0.52341, abs=1e-4)
    assert row["change_pct"] == pytest.approx(-3.29163, abs=1e-4)
    assert row["has_two_answers"] is False
    assert row["trend"] == "shrinking"
    assert row["population_has_break"] is None


@pytest.mark.shared
def test_a_country_has_a_total_only_where_all_of_it_is_known(full_store: Store) -> None:
    """Guadeloupe and Mayotte have no figure of 2011 and 2021, so France has no total."""
    overseas = [code for code in _raw() if re.fullmatch(r"FRY\d0", code)]
    lacking = sorted(c for c in overseas if not {2011, 2021} <= set(_raw()[c]))
    assert lacking == ["FRY10", "FRY50"]
    france = queries.region(full_store, "FR")
    assert france
    assert france["regions_total"] - france["regions_known"] == len(lacking)
    assert france["population_end"] is None
    assert france["population_source"] is None
    turkey = queries.region(full_store, "TR")
    assert turkey
    parts = [code for code in _raw() if re.fullmatch(r"TR..[0-9]", code)]
    assert turkey["population_end"] == sum(_raw()[code][2021] for code in parts)


@pytest.mark.shared
def test_parents_are_the_sums_of_their_regions(full_store: Store) -> None:
    wrong = full_store.frame(
        """
        select parent.nuts_id, parent.population_end, sum(leaf.population_end) as parts
        from marts.regions as parent
        inner join marts.regions as leaf
            on leaf.level = 3 and starts_with(leaf.nuts_id, parent.nuts_id)
        where parent.level < 3
        group by all
        having (count(leaf.population_end) = count(*)) != (parent.population_end is not null)
            or (parent.population_end is not null and parts != parent.population_end)
        """
    )
    assert wrong.empty

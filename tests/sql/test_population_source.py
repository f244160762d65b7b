"""Which population Overview and Regions show: one source, one pair of years, no mixture."""

from __future__ import annotations

import gzip
import re
from functools import cache
from pathlib import Path

import pytest

from pipelines.serve import queries
from pipelines.serve.store import Store
from tests.where import DATA

EUROSTAT = DATA / "eurostat"
SERIES = "Eurostat demo_r_pjanaggr3 / pjangrp3"


@pytest.fixture(scope="module")
def full_store(full_home: Path) -> Store:
    return Store.current(full_home / "build")


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


def test_the_embedded_default_shows_the_censuses(store: Store) -> None:
    basis = queries.population_basis(store)
    assert (basis["population_source"], basis["year_start"], basis["year_end"]) == (
        "census grid, JRC",
        2011,
        2021,
    )
    assert basis["sources"] == ("jrc_census_population",)
    assert (basis["with_break"], basis["converted"]) == (0, 0)
    partly = queries.partly_known_countries(store)
    assert partly.set_index("country_name").loc["France"].tolist() == [96, 101]


@pytest.mark.shared
def test_the_fetched_series_is_shown_for_one_pair_of_years(full_store: Store) -> None:
    """The last year is the newest that 88 % of the regions with a series reach.

    The United Kingdom's 179 regions of 1 514 end in 2019: without them 88 % are left.
    """
    basis = queries.population_basis(full_store)
    assert basis["population_source"] == SERIES
    assert (basis["year_start"], basis["year_end"]) == (2012, 2022)
    assert set(basis["sources"]) == set(queries.EUROSTAT_POPULATION)
    spans = full_store.frame(
        "select distinct population_source, year_start, year_end from marts.regions "
        "where population_end is not null"
    )
    assert spans.values.tolist() == [[SERIES, 2012, 2022]]
    known = full_store.frame(
        "select year, count(population) as n from marts.region_series "
        "where nuts_version = 2021 and level = 3 group by year"
    ).set_index("year")["n"]
    assert known.index.max() == 2022
    assert known[2022] >= 0.88 * 1514
    assert max(_raw()["UKJ21"]) == 2019


@pytest.mark.shared
def test_hersfeld_rotenburg_from_the_text_of_the_file(full_store: Store) -> None:
    row = queries.region(full_store, "DE733")
    # 120 776 people on 1 January 2012, 120 163 ten years later: -613, or -0.508 %.
    assert (_raw()["DE733"][2012], _raw()["DE733"][2022]) == (120_776, 120_163)
    assert (row["population_start"], row["population_end"]) == (120_776, 120_163)
    assert row["change_people"] == -613
    assert row["change_pct"] == pytest.approx(-0.50755, abs=1e-4)
    assert row["annual_change_pct"] == pytest.approx(-0.05087, abs=1e-4)
    assert row["trend"] == "stable"
    assert row["population_has_break"] is False
    assert row["population_is_converted"] is False


@pytest.mark.shared
def test_a_country_has_a_total_only_where_all_of_it_is_known(full_store: Store) -> None:
    """Guadeloupe and Mayotte have no figure of 2012, so France has no total."""
    overseas = [code for code in _raw() if re.fullmatch(r"FRY\d0", code)]
    lacking = sorted(c for c in overseas if not {2012, 2022} <= set(_raw()[c]))
    assert lacking == ["FRY10", "FRY50"]
    france = queries.region(full_store, "FR")
    assert france["regions_total"] - france["regions_known"] == len(lacking)
    assert france["population_end"] is None
    assert france["population_has_break"] is None
    spain = queries.region(full_store, "ES")
    assert (spain["population_start"], spain["population_end"]) == (
        _raw()["ES"][2012],
        _raw()["ES"][2022],
    )


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

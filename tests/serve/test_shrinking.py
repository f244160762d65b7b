"""Causes of shrinking on the publishers' files: hand calculations, sums, golden counts."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections import Counter
from functools import cache

import pandas as pd
import pyarrow.parquet as pq
import pytest

from pipelines.core.errors import InputError
from pipelines.serve import demography, export
from pipelines.serve.shrinking_filter import ShrinkingFilter
from pipelines.serve.store import Store
from tests.where import DATA

EUROSTAT = DATA / "eurostat"
pytestmark = pytest.mark.shared

# NUTS 2021, level 3, latest windows (most 2017 to 2022), and three regions each that a
# reader can check; their figures are calculated here from the text of the files.
WEBB = {
    "A": (55, ("FR106", "FRE11", "DE212")),
    "B": (73, ("FRL04", "FRK26", "DK011")),
    "C": (266, ("ES300", "DE300", "SE110")),
    "D": (434, ("ES511", "ES523", "ES617")),
    "E": (301, ("DE733", "ES120", "NL423")),
    "F": (210, ("HU110", "PL416", "PL711")),
    "G": (79, ("HU311", "LV006", "FRE21")),
    "H": (35, ("FR101", "FRE12", "DEA23")),
    "stationary": (15, ("FRD22", "ES114", "DED52")),
}
CAUSES = {
    "legacy": (306, ("DE733", "ES120", "NL423")),
    "mixed, mostly legacy": (140, ("HU110", "ES613", "PL721")),
    "mixed": (117, ("LV006", "HU311", "ES616")),
    "mixed, mostly active": (32, ("HU323", "FRE23", "FRE21")),
    "active": (36, ("FR101", "FRE12", "DEA23")),
}
EU = ("AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK").split()


@cache
def _lines(name: str) -> dict[str, list[str]]:
    with gzip.open(EUROSTAT / f"{name}.tsv.gz", "rt") as handle:
        rows = [line.rstrip("\n").split("\t") for line in handle]
    return {row[0]: row[1:] for row in rows}


def line(name: str, key: str) -> dict[int, int]:
    """Return one region's figures by year, from the unpacked text by hand."""
    head = next(iter(_lines(name).values()))
    cells = {int(y): re.sub(r"\D", "", c) for y, c in zip(head, _lines(name)[key], strict=True)}
    return {year: int(text) for year, text in cells.items() if text}


def by_hand(code: str, year: int) -> tuple[int, int, float]:
    """Return natural change, the rest and the mean population of a year."""
    births, deaths = line("demo_r_births", f"A,NR,{code}"), line("demo_r_deaths", f"A,NR,{code}")
    main = line("demo_r_pjanaggr3", f"A,NR,T,TOTAL,{code}")
    ages = line("demo_r_pjangrp3", f"T,NR,TOTAL,{code}")
    table = main if year in main and year + 1 in main else ages
    natural = births[year] - deaths[year]
    rest = table[year + 1] - table[year] - natural
    return natural, rest, (table[year] + table[year + 1]) / 2


def means(code: str) -> tuple[float, float]:
    """Return mean natural change and the rest per 1 000 of 2017 to 2021."""
    years = [by_hand(code, year) for year in range(2017, 2022)]
    return (sum(1000 * n / p for n, _, p in years) / 5, sum(1000 * m / p for _, m, p in years) / 5)


def webb(n: float, m: float) -> str:
    """Name the sector of a point by Webb's figure, going round from A."""
    table = {
        (True, False, True): "A",
        (True, True, True): "B",
        (True, True, False): "C",
        (False, True, False): "D",
        (False, True, True): "E",
        (False, False, True): "F",
        (False, False, False): "G",
        (True, False, False): "H",
    }
    return table[n > 0, m > 0, abs(n) > abs(m)]


def test_hersfeld_rotenburg_year_by_year(full_store: Store) -> None:
    frame = demography.series(full_store, 2021, "DE733").set_index("year")
    for year in range(2000, 2022):
        natural, rest, mean = by_hand("DE733", year)
        row = frame.loc[year]
        assert row["natural_change"] == natural
        assert row["net_migration"] == rest
        assert row["net_migration_per_1000"] == pytest.approx(1000 * rest / mean)
        assert row["births"] == line("demo_r_births", "A,NR,DE733")[year]
        assert row["deaths_per_1000"] == pytest.approx(1000 * row["deaths"] / mean)
    # 2005: 1 020 births, 1 450 deaths, 127 777 people before and 127 156 after.
    assert frame.loc[2005, "natural_change"] == -430
    assert frame.loc[2005, "net_migration"] == -191
    assert frame.loc[frame["is_break"]].index.tolist() == [2010, 2015]
    # 2015: 2 417 more than the year before, people who fled and stayed a few months.
    assert frame.loc[2015, "findings"] == "migration_residual"


@pytest.mark.parametrize("kind", WEBB)
def test_webb_types_of_known_regions_by_hand(full_store: Store, kind: str) -> None:
    table = demography.regions(full_store, ShrinkingFilter()).set_index("nuts_id")
    for code in WEBB[kind][1]:
        row = table.loc[code]
        n, m = means(code)
        assert row["natural_change_per_1000"] == pytest.approx(n)
        assert row["net_migration_per_1000"] == pytest.approx(m)
        assert row["webb_type"] == kind
        assert ("stationary" if abs(n + m) <= 0.1 else webb(n, m)) == kind


def test_causes_of_known_regions_by_hand(full_store: Store) -> None:
    table = demography.regions(full_store, ShrinkingFilter()).set_index("nuts_id")
    for cause, (_, codes) in CAUSES.items():
        for code in codes:
            n, m = means(code)
            share = abs(m) / (abs(n) + abs(m))
            own = (
                "legacy"
                if m >= 0
                else "active"
                if n >= 0
                else "mixed, mostly active"
                if share > 2 / 3
                else "mixed, mostly legacy"
                if share < 1 / 3
                else "mixed"
            )
            assert own == cause == table.loc[code, "cause"], code


def test_numbers_of_regions_by_type_and_cause(full_store: Store) -> None:
    table = demography.regions(full_store, ShrinkingFilter())
    # Seven regions whose years hold too many breaks rest on the embedded periods.
    periods = table["demography_basis"] == "Eurostat five-year (embedded)"
    assert periods.sum() == 7
    table = table[~periods.fillna(False)]
    assert Counter(table["webb_type"].dropna()) == {k: n for k, (n, _) in WEBB.items()}
    assert Counter(table["cause"].dropna()) == {k: n for k, (n, _) in CAUSES.items()}
    known = table.dropna(subset=["webb_type"])
    clear = known[known["webb_type"] != "stationary"]
    own = [
        webb(n, m)
        for n, m in zip(
            clear["natural_change_per_1000"], clear["net_migration_per_1000"], strict=True
        )
    ]
    assert own == clear["webb_type"].tolist()


def test_sums_of_small_regions_are_those_of_the_country(full_store: Store) -> None:
    """Where all NUTS-3 regions are known a country is their sum, whatever was published."""
    frame = full_store.frame(
        """
        with leaves as (
            select country, year, count(*) as n, count(births) as nb, count(deaths) as nd,
                count(population) as np, sum(births) as b, sum(deaths) as d, sum(population) as p
            from marts.region_series where nuts_version = 2021 and level = 3 group by all
        ),
        expected as (
            select country, count(*) as n from marts.regions where level = 3 group by country
        )
        select w.country, w.year, w.births, w.deaths, w.population, b, d, p
        from marts.region_series as w
        inner join leaves on leaves.country = w.nuts_id and leaves.year = w.year
        inner join expected on expected.country = w.nuts_id
            and nb = expected.n and nd = expected.n and np = expected.n
        where w.nuts_version = 2021 and w.level = 0 and w.year >= 2014
        """
    )
    assert len(frame) > 150
    assert frame["country"].nunique() > 25
    rest = (frame["births"] - frame["b"]).abs() + (frame["deaths"] - frame["d"]).abs()
    people = (frame["population"] - frame["p"]).abs() <= 1
    assert (rest < 1e-6).all()
    assert people.all()


def test_break_years_stay_out_of_means(full_store: Store) -> None:
    """Germany's census break of 2011: the change of 2010 counts in no window."""
    table = demography.regions(full_store, ShrinkingFilter(period=(2008, 2013)))
    row = table.set_index("nuts_id").loc["DE733"]
    years = [by_hand("DE733", year) for year in (2008, 2009, 2011, 2012)]
    assert row["years_used"] == 4
    mean = sum(1000 * m / p for _, m, p in years) / 4
    assert row["net_migration_per_1000"] == pytest.approx(mean)


def test_a_chosen_period_equals_the_published_windows(full_store: Store) -> None:
    latest = demography.regions(full_store, ShrinkingFilter())
    chosen = demography.regions(full_store, ShrinkingFilter(period=(2017, 2022)))
    same = (latest["year_end"] == 2022).fillna(False)
    assert same.sum() > 1200
    pd.testing.assert_frame_equal(latest[same], chosen[same])


def test_moved_thresholds_change_exactly_what_they_mean(full_store: Store) -> None:
    base = demography.regions(full_store, ShrinkingFilter())
    unmoved = ShrinkingFilter(moved=(("shrinking_severe_annual_pct", -1.0),))
    pd.testing.assert_frame_equal(base, demography.regions(full_store, unmoved))
    moved = ShrinkingFilter(moved=(("shrinking_severe_annual_pct", -0.8),))
    table = demography.regions(full_store, moved)
    assert ((table["shrinking_class"] == "severe") == (base["annual_change_pct"] < -0.8)).all()
    assert (table["webb_type"].fillna("") == base["webb_type"].fillna("")).all()
    watch = ShrinkingFilter(watch_min=1, moved=(("watch_median_age", 50.0),))
    table = demography.regions(full_store, watch)
    assert (table["is_watch_aged"].dropna() == (table["median_age"].dropna() >= 50)).all()
    assert (table["is_selected"] == (table["watch_count"] >= 1)).all()
    with pytest.raises(InputError, match="'cohesion_less_pct' cannot be moved"):
        demography.regions(full_store, ShrinkingFilter(moved=(("cohesion_less_pct", 1.0),)))
    with pytest.raises(InputError, match="period 2015 to 2015"):
        demography.regions(full_store, ShrinkingFilter(period=(2015, 2015)))


def test_filters_combine_and_rows_are_the_selection(full_store: Store) -> None:
    selection = ShrinkingFilter(
        country=("DE", "PL"),
        cause=("legacy",),
        median_age=(47.5, None),
        urban_rural=("predominantly rural",),
    )
    table = demography.regions(full_store, selection)
    own = (
        table["country"].isin(["DE", "PL"])
        & (table["cause"] == "legacy").fillna(False)
        & (table["median_age"] >= 47.5)
        & (table["urban_rural"] == "predominantly rural")
    )
    assert (table["is_selected"] == own).all()
    assert 0 < own.sum() < 100
    rows = demography.rows(full_store, selection)
    assert rows["nuts_id"].to_pylist() == table.loc[own, "nuts_id"].tolist()
    words = selection.words()
    assert "cause: legacy" in words
    assert "median age, years: at least 47.5" in words


def test_both_vintages_have_outlines_and_figures(full_store: Store) -> None:
    assert demography.vintages(full_store) == [2021, 2024]
    table = demography.regions(full_store, ShrinkingFilter(nuts_version=2024))
    assert len(table) == 1345
    assert table["webb_type"].notna().sum() > 1300
    assert set(table["nuts_id"]) <= demography.bounds(full_store, 2024).keys()
    assert not table["nuts_id"].duplicated().any()


def test_italian_regions_by_cohesion_category(full_store: Store) -> None:
    """The official list counts Basilicata as less developed; today's GDP puts it at 76 %."""
    table = demography.regions(full_store, ShrinkingFilter(level=2, country=("IT",)))
    groups = table[table["is_selected"]].groupby("cohesion_category")["name"].apply(set)
    assert groups["less developed"] == {
        "Campania",
        "Puglia",
        "Calabria",
        "Sicilia",
        "Sardegna",
        "Molise",
    }
    assert groups["transition"] == {"Abruzzo", "Umbria", "Marche", "Basilicata"}


def test_the_union_is_the_sum_of_its_countries(full_store: Store) -> None:
    frame = demography.compared(full_store, 2021, "DE733")
    union = frame[frame["place"] == "EU-27"].set_index("year")
    tables = [line("demo_r_pjangrp3", f"T,NR,TOTAL,{code}") for code in EU]
    assert union.loc[2022, "population"] == sum(t[2022] for t in tables)
    assert list(dict.fromkeys(frame["place"])) == ["Hersfeld-Rotenburg", "Germany", "EU-27"]


def test_shapes_of_a_series(full_store: Store) -> None:
    """Hersfeld lost people in both decades, in most years, and in no few of them."""
    years = {y: by_hand("DE733", y) for y in range(2002, 2022) if y not in (2010, 2015)}
    falls = [n + m < 0 for n, m, _ in years.values()]
    assert sum(falls) / len(falls) > 2 / 3
    row = demography.regions(full_store, ShrinkingFilter()).set_index("nuts_id").loc["DE733"]
    assert (row["duration_class"], row["shape"]) == ("continuous, modest", "lasting")


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet", "geojson", "gpkg"])
def test_a_download_carries_the_selection(full_store: Store, suffix: str) -> None:
    selection = ShrinkingFilter(
        nuts_version=2024,
        country=("LT",),
        period=(2012, 2020),
        moved=(("shrinking_severe_annual_pct", -1.3),),
    )
    data = demography.rows(full_store, selection)
    words = selection.words()
    made = export.export_bytes(full_store, "region_demography", suffix, data, words)
    if suffix == "parquet":
        table = pq.read_table(io.BytesIO(made))
        assert table.num_rows == 10
        assert set(table["year_start"].to_pylist()) == {2012}
        assert table.schema.metadata[b"hinterland:selection"].decode() == words
    elif suffix in ("csv", "xlsx"):
        with zipfile.ZipFile(io.BytesIO(made)) as parts:
            text = "".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
        assert words in text
        assert "LT011" in text
    else:
        assert words.encode() in made


@pytest.mark.parametrize(
    ("code", "out", "kind"),
    # Years that do not count: 2000 is not known and 2018 is followed by a break in Italy, whose
    # registers of 2013 were revised to the census; in 2015 Hersfeld-Rotenburg took in refugees.
    [
        ("ITI31", (2000, 2013, 2018), "former"),
        ("DE733", (2010, 2015), "new"),
        ("FI197", (), "long-lasting"),
    ],
)
def test_migration_history_by_hand(
    full_store: Store, code: str, out: tuple[int, ...], kind: str
) -> None:
    row = full_store.arrow(
        "select * from typologies.typ_region__migration_history "
        "where nuts_version = 2021 and nuts_id = ?",
        [code],
    ).to_pylist()[0]
    for name, years in (("earlier", range(2000, 2011)), ("later", range(2011, 2022))):
        rates = []
        for year in (y for y in years if y not in out):
            _, rest, mean = by_hand(code, year)
            rates.append(1000 * rest / mean)
        assert row[f"{name}_years"] == len(rates)
        assert row[f"{name}_per_1000"] == pytest.approx(sum(rates) / len(rates))
    assert row["migration_history"] == kind
    towns = full_store.arrow(
        "select distinct region_migration_history as h from marts.towns where nuts_id = ?", [code]
    )
    assert towns["h"].to_pylist() == [kind]


def test_migration_history_follows_its_means(full_store: Store) -> None:
    rows = full_store.frame("select * from typologies.typ_region__migration_history")
    words = {
        (True, True): "long-lasting",
        (True, False): "former",
        (False, True): "new",
        (False, False): "none",
    }
    pairs = zip(rows["earlier_per_1000"], rows["later_per_1000"], strict=True)
    own = [words[earlier >= 1, later >= 1] for earlier, later in pairs]
    assert own == rows["migration_history"].tolist()
    assert min(rows["earlier_years"].min(), rows["later_years"].min()) >= 5

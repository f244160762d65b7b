"""The embedded figures in steps of five years: arithmetic apart, from the raw table alone."""

from __future__ import annotations

import re
from collections import Counter

import pandas as pd
import pytest

from pipelines.runner.models import read_models
from pipelines.serve import demography, queries
from pipelines.serve.shrinking_filter import ShrinkingFilter
from pipelines.serve.store import Store
from tests.where import ROOT

FIGURES = ROOT / "geodata/embedded/eurostat_five_year.parquet"
PERIODS = ((2016, 2021, "4", "2016_20"), (2011, 2016, "3", "2011_15"))
# Latest sound period of each NUTS-3 region, and three that a reader can check.
WEBB = {
    "A": (57, ("FRE11", "FR106", "TR621")),
    "B": (72, ("FRL04", "TR100", "TR510")),
    "C": (252, ("ES300", "DE300", "PT170")),
    "D": (426, ("ES511", "ES523", "HU120")),
    "E": (225, ("DE733", "ES120", "BG421")),
    "F": (157, ("HU110", "EL522", "PL721")),
    "G": (94, ("RO321", "PL416", "SK032")),
    "H": (34, ("FR101", "FRE12", "ME000")),
    "stationary": (14, ("DEA13", "FRI33", "FRF33")),
}
CAUSES = {
    "legacy": (235, ("DE733", "ES120", "ES111")),
    "mixed, mostly legacy": (102, ("HU110", "ES613", "PL721")),
    "mixed": (107, ("RO316", "ES431", "PL416")),
    "mixed, mostly active": (42, ("RO321", "PL414", "FRE23")),
    "active": (34, ("FR101", "FRE12", "ME000")),
}


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    return pd.read_parquet(FIGURES).set_index("nuts_id")


def by_hand(row: pd.Series) -> tuple[int, float, float, float] | None:
    """Return end, natural change, the rest and total change of a region's latest sound period.

    Per 1 000 people and year: the sum over five years by the mean of the people at both ends.
    """
    for start, end, digit, span in PERIODS:
        people = row[f"pop_{start}"], row[f"pop_{end}"]
        births, deaths = row[f"births_{span}"], row[f"deaths_{span}"]
        is_broken = isinstance(row["break_periods"], str) and digit in row["break_periods"]
        if pd.isna([*people, births, deaths]).any() or is_broken:
            continue
        natural, total = int(births) - int(deaths), int(people[1]) - int(people[0])
        rate = 1000 / 5 / ((people[0] + people[1]) / 2)
        return end, natural * rate, (total - natural) * rate, total * rate
    return None


def webb(n: float, m: float) -> str:
    """Name the sector of a point by Webb's figure."""
    if abs(n + m) <= 0.1:
        return "stationary"
    first = abs(n) >= abs(m)
    if n >= 0 and m >= 0:
        return "B" if first else "C"
    if n < 0 and m <= 0:
        return "F" if first else "G"
    if n < 0:
        return "E" if first else "D"
    return "A" if first else "H"


def test_hersfeld_rotenburg_by_hand(store: Store) -> None:
    """2016 to 2020: 5 281 births, 7 867 deaths; 121 166 people before and 120 304 after."""
    frame = demography.series(store, 2021, "DE733").set_index("year")
    assert frame.index.tolist() == [2001, 2006, 2011, 2016, 2021]
    assert frame["period_years"].unique().tolist() == [5]
    assert frame["population"].tolist() == [130_654, 127_156, 120_937, 121_166, 120_304]
    row = frame.loc[2016]
    assert (row["births"], row["deaths"], row["natural_change"]) == (5281, 7867, -2586)
    assert (row["total_change"], row["net_migration"]) == (-862, 1724)
    # 1000 x -2586 / 5 / 120 735 is -4.284; 1000 x 1724 / 5 / 120 735 is +2.856.
    assert row["natural_change_per_1000"] == pytest.approx(-4.284, abs=1e-3)
    assert row["net_migration_per_1000"] == pytest.approx(2.856, abs=1e-3)
    assert frame.loc[frame["is_break"]].index.tolist() == [2006, 2011]


def test_every_type_and_rate_is_that_of_the_raw_table(store: Store, raw: pd.DataFrame) -> None:
    table = demography.regions(store, ShrinkingFilter()).set_index("nuts_id")
    assert set(table.index) == set(raw.index)
    known = 0
    for code, row in raw.iterrows():
        own, shown = by_hand(row), table.loc[code]
        assert (own is None) == pd.isna(shown["webb_type"]), code
        if own is None:
            continue
        known += 1
        end, n, m, total = own
        assert shown["year_end"] == end, code
        assert shown["natural_change_per_1000"] == pytest.approx(n, abs=1e-9), code
        assert shown["net_migration_per_1000"] == pytest.approx(m, abs=1e-9), code
        assert shown["webb_type"] == webb(n, m), code
        assert (shown["shrinking_class"] == "not shrinking") == (total >= 0), code
    assert known == 1331


def test_numbers_of_regions_and_those_named_in_the_docs(store: Store, raw: pd.DataFrame) -> None:
    table = demography.regions(store, ShrinkingFilter()).set_index("nuts_id")
    assert Counter(table["webb_type"].dropna()) == {k: n for k, (n, _) in WEBB.items()}
    assert Counter(table["cause"].dropna()) == {k: n for k, (n, _) in CAUSES.items()}
    for kind, (_, codes) in WEBB.items():
        for code in codes:
            own = by_hand(raw.loc[code])
            assert own
            assert webb(own[1], own[2]) == kind == table.loc[code, "webb_type"]
    for cause, (_, codes) in CAUSES.items():
        for code in codes:
            own = by_hand(raw.loc[code])
            assert own
            _, n, m, total = own
            share = abs(m) / (abs(n) + abs(m))
            mixed = (
                "mixed, mostly active"
                if share > 2 / 3
                else "mixed, mostly legacy"
                if share < 1 / 3
                else "mixed"
            )
            assert total < 0
            assert ("legacy" if m >= 0 else "active" if n >= 0 else mixed) == cause, code
            assert table.loc[code, "cause"] == cause


def test_every_statement_of_the_page_is_there_without_a_network(store: Store) -> None:
    assert demography.years(store) == {
        "first_year": 2001,
        "last_year": 2021,
        "last_event_year": 2020,
        "step": 5,
    }
    table = demography.regions(store, ShrinkingFilter())
    assert set(table["demography_basis"].dropna()) == {"Eurostat five-year (embedded)"}
    least = {"webb_type": 1300, "duration_class": 1150, "ageing_class": 1500, "gdp_pct_of_eu": 1250}
    for column, number in least.items():
        assert table[column].notna().sum() >= number, column
    assert table["shape"].notna().sum() >= 400
    assert "sudden" not in set(table["shape"])  # takes years
    assert (table["watch_known"] == 4).sum() > 1000
    european = table[table["country_group"] == "EU"]
    assert european["cohesion_category"].notna().mean() > 0.98
    # The grey map: the United Kingdom to 2016, Türkiye, Albania, Montenegro, North Macedonia.
    known = table[table["webb_type"].notna()].groupby("country").size()
    # Of the United Kingdom 104 are known, one of them across a break.
    assert (known["UK"], known["AL"], known["ME"], known["MK"]) == (103, 12, 1, 8)
    assert known["TR"] == 47


def test_a_chosen_period_is_exact(store: Store, raw: pd.DataFrame) -> None:
    table = demography.regions(store, ShrinkingFilter(period=(2001, 2021))).set_index("nuts_id")
    row, own = table.loc["FR101"], raw.loc["FR101"]
    spans = ("2001_05", "2006_10", "2011_15", "2016_20")
    ends = [own[f"pop_{year}"] for year in (2001, 2006, 2011, 2016, 2021)]
    rates = [
        1000 * (own[f"births_{s}"] - own[f"deaths_{s}"]) / 5 / ((ends[i] + ends[i + 1]) / 2)
        for i, s in enumerate(spans)
    ]
    assert row["natural_change_per_1000"] == pytest.approx(sum(rates) / 4)
    assert row["years_used"] == 20
    # 2 137 442 people in 2001, 2 147 716 in 2021.
    assert row["annual_change_pct"] == pytest.approx(100 * ((2147716 / 2137442) ** (1 / 20) - 1))
    # No window of the years 2017 to 2021 can be made of the periods.
    other = demography.regions(store, ShrinkingFilter(period=(2016, 2020)))
    assert other["webb_type"].isna().all()


def test_a_period_with_a_break_gives_natural_change_and_no_type(store: Store) -> None:
    """Prague's period from 2016 holds the census of 2021: its type is that of 2011 to 2016."""
    frame = demography.series(store, 2021, "CZ010").set_index("year")
    assert frame.loc[2016, "natural_change"] == 75_359 - 62_556
    assert frame.loc[2016, "is_break"]
    row = demography.regions(store, ShrinkingFilter()).set_index("nuts_id").loc["CZ010"]
    assert (row["year_start"], row["year_end"]) == (2011, 2016)
    # A border of NL33A moved in 2021: no "sudden, active" from it (once shown).
    # 2011 to 2015: 22 648 births, 16 695 deaths, and 4 900 people more: births outweigh leaving.
    row = demography.regions(store, ShrinkingFilter()).set_index("nuts_id").loc["NL33A"]
    assert (row["year_end"], row["webb_type"]) == (2016, "A")


def test_larger_regions_are_sums_where_all_are_known(store: Store, raw: pd.DataFrame) -> None:
    shown = store.frame(
        "select nuts_id, year, population, births, deaths from marts.region_series where level < 3"
    ).set_index(["nuts_id", "year"])
    assert len(shown) > 2000
    spans = {2001: "2001_05", 2006: "2006_10", 2011: "2011_15", 2016: "2016_20"}
    for (code, year), row in shown.iterrows():
        parts = raw[raw.index.str.startswith(code)]
        names = {"population": f"pop_{year}"}
        if year in spans:
            names |= {"births": f"births_{spans[year]}", "deaths": f"deaths_{spans[year]}"}
        for column, name in names.items():
            if name not in parts:  # a date of ages alone
                continue
            own = parts[name].sum() if parts[name].notna().all() else None
            assert (own is None and pd.isna(row[column])) or row[column] == own, (code, year)


@pytest.mark.parametrize(
    ("code", "area", "density"),
    # reg_area3; people of the census of 2021 by it. Paris was 27 % too small, Kiel 30 %.
    [("FR101", 105.4, 20_245.1), ("DEF02", 119.0, 2_092.8), ("ES630", 20.0, 4_184.5)],
)
def test_area_is_the_official_one(store: Store, code: str, area: float, density: float) -> None:
    row = queries.region(store, code)
    assert row
    assert (row["area_km2"], row["area_basis"]) == (area, "official")
    assert row["density_per_km2"] == pytest.approx(density, abs=0.1)


def test_area_of_a_larger_region_is_official_only_as_a_sum(store: Store, raw: pd.DataFrame) -> None:
    spain, france = queries.region(store, "ES"), queries.region(store, "FR")
    assert spain
    assert france
    parts = raw.loc[raw.index.str.startswith("ES"), "area_km2"]
    assert (spain["area_basis"], spain["area_km2"]) == ("official", pytest.approx(parts.sum()))
    assert france["area_basis"] == "official and outline"  # 8 of 101 have one


def test_the_docs_list_each_country_with_areas_of_outlines(store: Store) -> None:
    rows = store.rows(
        "select country_name, count(*) as n, count(*) filter (where area_basis = 'outline') as own "
        "from marts.regions where level = 3 group by all having own > 0"
    )
    text = " ".join((ROOT / "docs/demography.md").read_text("utf-8").split())
    told = dict(re.findall(r"(?:[,a-z]) ([A-Z][A-Za-z ]+) (\(\d+ of \d+\))", text))
    assert told.items() >= {r["country_name"]: f"({r['own']} of {r['n']})" for r in rows}.items()
    assert f"in {sum(r['own'] for r in rows)} of 1 514 NUTS-3 regions" in text


def test_an_outline_is_near_the_area_that_an_older_code_has(store: Store) -> None:
    """LT011 is LT00A of NUTS 2013, 9 731 km² in reg_area3 (A, KM2, TOTAL, 2014)."""
    row = queries.region(store, "LT011")
    assert row
    assert row["area_basis"] == "outline"
    assert row["area_km2"] == pytest.approx(9_731, rel=0.002)


def test_area_of_a_region_with_official_parts_is_the_sum_of_its_parts(store: Store) -> None:
    """NL32 was 3 392 km² by its outline, its seven parts 4 085, five of them official."""
    row = queries.region(store, "NL32")
    assert row
    # 2142 + 197 + 152 + 128 + 273 by reg_area3, 319.46 and 873.80 by GISCO's outline.
    assert row["area_km2"] == pytest.approx(2142 + 197 + 152 + 128 + 273 + 319.46 + 873.80, abs=0.1)
    assert row["area_basis"] == "official and outline"
    away = store.rows(
        "with sums as (select left(nuts_id, 2 + level) as nuts_id, sum(area_km2) as area_km2 "
        "from (select nuts_id, area_km2, area_basis, unnest([0, 1, 2])::int as level "
        "from marts.regions where length(nuts_id) = 5) as parts group by all) "
        "select nuts_id from marts.regions inner join sums using (nuts_id) "
        "where area_basis != 'outline' and abs(regions.area_km2 / sums.area_km2 - 1) > 1e-9"
    )
    assert away == []


def test_ages_of_a_date_are_no_period(store: Store, raw: pd.DataFrame) -> None:
    lines = store.rows(
        "select year, period_years, count(*) as n, count(births) as births, "
        "count(median_age) as ages from marts.region_series "
        "where level = 3 and year in (2016, 2019, 2020) group by all order by year"
    )
    by_year = raw["age_year"].value_counts()
    assert [(line["year"], line["period_years"]) for line in lines] == [
        (2016, 5),
        (2019, 0),
        (2020, 0),
    ]
    for line in lines[1:]:
        assert (line["births"], line["ages"], line["n"]) == (0, *[by_year[line["year"]]] * 2)


def test_each_table_with_net_migration_marks_its_breaks() -> None:
    marts = {m.table: set(m.columns) for m in read_models() if m.layer == "marts"}
    with_it = {t for t, columns in marts.items() if any("net_migration" in c for c in columns)}
    assert {"marts.region_series", "marts.region_demography"} <= with_it
    for table in with_it:
        assert marts[table] & {"is_break", "change_spans_break"}, table


def test_census_first_and_the_series_beside_it(store: Store) -> None:
    """Opposite trends: census +3.0 and series -5.8 % for NL33A, with a moved border."""
    row = queries.region(store, "NL33A")
    assert row
    assert row["population_source"] == "census grid, JRC"
    assert row["change_pct"] == pytest.approx(3.0, abs=0.05)
    assert row["trend"] == "growing"
    # 396 008 people in 2011 and 373 005 in 2021 by the series.
    assert row["series_change_pct"] == pytest.approx(100 * (373005 / 396008 - 1))
    assert row["has_two_answers"] is True
    bulgarian = queries.region(store, "BG425")
    assert bulgarian
    assert bulgarian["change_pct"] == pytest.approx(-8.4, abs=0.05)
    # 152 938 and 160 781 by the series, which a register of its own day says.
    assert bulgarian["series_change_pct"] == pytest.approx(100 * (160781 / 152938 - 1))
    turkish = queries.region(store, "TR100")
    assert turkish
    assert turkish["population_source"] == "Eurostat, five-year figures"
    assert (turkish["population_start"], turkish["population_end"]) == (13_255_685, 15_462_452)
    assert turkish["population_has_break"] is True


@pytest.mark.shared
def test_nothing_is_lost_by_fetching(store: Store, full_store: Store) -> None:
    """36 regions lost their change, and Germany, the Netherlands and Poland their totals."""
    for table, columns in (
        ("regions", ("change_pct", "trend", "area_km2", "series_change_pct", "density_per_km2")),
        (
            "region_demography",
            (
                "webb_type",
                "shrinking_class",
                "duration_class",
                "ageing_class",
                "age_65_pct",
                "gdp_pct_of_eu",
                "cohesion_category",
                "annual_change_pct",
                "watch_count",
            ),
        ),
    ):
        sql = f"select nuts_id, {', '.join(columns)} from marts.{table} where nuts_version = 2021"  # noqa: S608
        before = store.frame(sql).set_index("nuts_id").sort_index()
        after = full_store.frame(sql).set_index("nuts_id").sort_index()
        assert before.index.equals(after.index)
        for column in columns:
            lost = before.index[before[column].notna() & after[column].isna()]
            assert lost.empty, (table, column, lost.tolist())
    for code in ("DE", "NL", "PL"):
        row, fetched = queries.region(store, code), queries.region(full_store, code)
        assert row
        assert fetched
        assert row["population_end"] == fetched["population_end"] is not None


def test_cities_are_ranked_within_their_country(store: Store) -> None:
    first = store.column(
        "select name from marts.towns where city_rank_in_country = 1 "
        "and country in ('DE', 'ES', 'FR', 'PL', 'HR') order by country"
    )
    assert first == ["Berlin", "Madrid", "Paris", "Zagreb", "Warsaw"]
    towns = store.frame(
        "select country, population, part_of, city_rank_in_country as rank from marts.towns"
    )
    is_city = (towns["population"] >= 50_000) & towns["part_of"].isna()
    assert (towns["rank"].notna() == is_city).all()
    cities = towns[towns["rank"].notna()]
    own = cities.groupby("country")["population"].rank(method="min", ascending=False)
    assert (own == cities["rank"]).all()

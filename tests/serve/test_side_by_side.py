"""Places side by side: figures of their sheets, differences, marks, series, offers, files."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pandas as pd
import pytest

from pipelines.core.errors import InputError
from pipelines.serve import sheet, side_by_side_files
from pipelines.serve.sheet_parts import Figure, sentence
from pipelines.serve.side_by_side import (
    BEST,
    HIGHEST,
    LOWEST,
    MOST,
    WORST,
    FactRow,
    Row,
    SideBySide,
    at_level,
    difference_written,
    side_by_side,
)
from pipelines.serve.side_by_side_offers import offers
from pipelines.serve.store import Store

PAIR = ("DE733", "ITI31")
FOUR = ("DE73", "BG31", "ITI3", "EL53")


def row(compared: SideBySide, table: str, column: str) -> Row:
    (one,) = [
        r
        for t in compared.topics
        for r in t.rows
        if (r.figure.table, r.figure.column) == (table, column)
    ]
    return one


def fact(compared: SideBySide, label: str) -> FactRow:
    (one,) = [f for t in compared.topics for f in t.facts if f.label == label]
    return one


def points(compared: SideBySide, series: str, line: int) -> dict[int, float]:
    (one,) = [s for s in compared.series if s.name == series]
    return {p.year: p.value for p in one.lines[line].points}


@pytest.mark.parametrize("code", ["DE733", "ITI3", "LU", "2951793"])
def test_every_figure_is_the_one_of_the_sheet(store: Store, code: str) -> None:
    whole = list(sheet.place_sheet(store, code).figures())
    assert len(whole) > 10
    measured = list(sheet.figure_sheet(store, code).figures())
    assert [f for _, f in measured] == [f for _, f in whole]
    beside = side_by_side(store, (code, code))
    cells = [r.cells[1].figure for t in beside.topics for r in t.rows]
    assert cells == [f for _, f in whole]


def test_two_regions_by_hand(store: Store) -> None:
    """Census grids: 120 700 and 361 682 people in 2011, 116 727 and 351 393 in 2021."""
    compared = side_by_side(store, PAIR)
    assert compared.names == ("Hersfeld-Rotenburg", "Pesaro e Urbino")
    people = row(compared, "regions", "population_end").cells
    assert [c.number for c in people] == [116_727, 351_393]
    assert [c.difference for c in people] == [None, 351_393 - 116_727]
    assert [c.mark for c in people] == [LOWEST, HIGHEST]
    change = row(compared, "regions", "change_pct")
    mine, other = 100 * (116_727 / 120_700 - 1), 100 * (351_393 / 361_682 - 1)
    assert [c.number for c in change.cells] == pytest.approx([mine, other])
    assert change.cells[1].difference == pytest.approx(other - mine)
    assert difference_written(change.figure, other - mine) == "+0.4 points"
    minutes = row(compared, "regions", "minutes_to_city").cells
    counted = store.rows(
        "select nuts_id, minutes_to_city as m from marts.regions where list_contains(?, nuts_id)",
        [list(PAIR)],
    )
    known = {r["nuts_id"]: r["m"] for r in counted}
    assert minutes[1].difference == pytest.approx(known["ITI31"] - known["DE733"])
    assert [c.mark for c in minutes] == [WORST, BEST]


def test_the_series_stand_on_one_scale(store: Store) -> None:
    """Eurostat: 130 654 and 331 335 people on 1 January 2001, 120 304 and 353 272 in 2021."""
    compared = side_by_side(store, PAIR)
    assert points(compared, "population", 0)[2021] == 120_304
    index = [points(compared, "index", i) for i in (0, 1)]
    assert [i[2001] for i in index] == [100, 100]
    assert index[0][2021] == pytest.approx(100 * 120_304 / 130_654)
    assert index[1][2021] == pytest.approx(100 * 353_272 / 331_335)
    # 2 206 more deaths than births in five years, by the mean of the people at both ends.
    rate = 1000 * -2_206 / (5 * (130_654 + 127_156) / 2)
    assert points(compared, "natural_change_per_1000", 0)[2001] == pytest.approx(rate)
    assert compared.line_codes == {"Hersfeld-Rotenburg": "DE733", "Pesaro e Urbino": "ITI31"}


def test_an_index_begins_in_the_first_year_that_all_know(store: Store) -> None:
    """Of Germany as a whole the embedded periods know less than of the region."""
    compared = side_by_side(store, ("DE733", "DE"))
    known = [set(points(compared, "population", i)) for i in (0, 1)]
    first = min(known[0] & known[1])
    assert first > min(known[0])
    for i in (0, 1):
        index = points(compared, "index", i)
        assert min(index) == first
        assert index[first] == 100


def test_the_eu_stands_in_the_charts_of_rates_and_of_the_index(store: Store) -> None:
    """Eurostat, 1 January, sum of 27 countries: 444 802 831 people in 2016, 447 000 548 in 2021."""
    compared = side_by_side(store, PAIR)
    series = {s.name: s for s in compared.series}
    last = series["index"].lines[-1]
    assert last.label == "EU-27 (2016 = 100)"
    assert {p.year: round(p.value, 3) for p in last.points} == {
        2016: 100,
        2021: round(100 * 447_000_548 / 444_802_831, 3),
    }
    assert not any(p.is_break for p in last.points)
    assert [line.label for line in series["population"].lines] == list(compared.line_codes)


def test_the_eu_has_its_rates_where_all_its_countries_do(full_store: Store) -> None:
    compared = side_by_side(full_store, PAIR)
    union = {
        s.name: line for s in compared.series for line in s.lines if line.label.startswith("EU-27")
    }
    years = full_store.rows(
        """
        select year, 1000 * sum(natural_change) / sum(population + total_change / 2) as rate
        from marts.region_series inner join marts.regions as r using (nuts_id)
        where region_series.nuts_version = 2021 and r.level = 0 and r.country_group = 'EU'
            and period_years = 1
        group by year having count(natural_change) = 27 and count(net_migration) = 27
        """
    )
    points = {p.year: p.value for p in union["natural_change_per_1000"].points}
    assert points == {row["year"]: pytest.approx(row["rate"]) for row in years}


@pytest.mark.parametrize(
    "codes", [("DE", "FR"), ("DE7", "FRF"), ("DE73", "BG31"), ("DE733", "BG311")]
)
def test_every_level_has_series(store: Store, codes: tuple[str, ...]) -> None:
    compared = side_by_side(store, codes)
    assert {"index", "population"} <= {s.name for s in compared.series}
    named = {f.label for topic in compared.topics for f in topic.facts}
    assert ("Cohesion Policy category" in named) is (len(codes[0]) >= 4)  # set for NUTS 2


def test_four_at_nuts_2_have_categories_and_series(store: Store) -> None:
    """The GDP of 2017 to 2019 by people, in SQL: 111, 33, 92 and 61 % of the EU's."""
    compared = side_by_side(store, FOUR)
    categories = fact(compared, "Cohesion Policy category").values
    told = [value.worded() for value in categories if value]
    assert [text.split(" % ")[0] for text in told] == [
        "more developed: 111",
        "less developed: 33",
        "transition: 92",
        "less developed: 61",
    ]
    people = row(compared, "regions", "population_end").cells
    summed = [
        store.column(
            "select sum(population_end)::bigint from marts.regions "
            "where level = 3 and starts_with(nuts_id, ?)",
            [code],
        )[0]
        for code in FOUR
    ]
    assert [c.number for c in people] == summed
    assert {s.name: len(s.lines) for s in compared.series}["index"] == 5  # the EU's, too
    assert not any("different levels" in note.worded() for note in compared.notes)


def test_mixed_levels_are_said_and_people_not_marked(store: Store) -> None:
    compared = side_by_side(store, ("DE733", "DE"))
    told = " ".join(note.worded() for note in compared.notes)
    assert "Regions of different levels stand side by side (NUTS 0, NUTS 3)" in told
    assert "Larger regions have no Cohesion Policy category" in told
    assert [c.mark for c in row(compared, "regions", "population_end").cells] == ["", ""]
    assert [c.mark for c in row(compared, "regions", "change_pct").cells] == [LOWEST, HIGHEST]
    assert fact(compared, "Cohesion Policy category").values[1] is None


def test_other_years_are_said_and_not_marked(store: Store) -> None:
    """The newest period without a break: 2016 to 2021 here, 2011 to 2016 in Pesaro."""
    newest = row(side_by_side(store, PAIR), "region_demography", "annual_change_pct")
    assert [c.figure.years for c in newest.cells if c.figure] == ["2016-2021", "2011-2016"]
    assert newest.has_years_apart
    assert [c.mark for c in newest.cells] == ["", ""]
    assert not row(side_by_side(store, PAIR), "regions", "change_pct").has_years_apart


def test_what_is_not_known_has_no_difference(store: Store) -> None:
    compared = side_by_side(store, ("DE733", "DE"))
    age = row(compared, "region_demography", "median_age").cells
    assert age[1].number is None
    assert age[1].difference is None
    assert [c.mark for c in age] == ["", ""]


@pytest.mark.parametrize(
    ("pattern", "number", "text"),
    [
        ("{:,.0f}", 1_234.4, "+1,234"),
        ("{:+.1f} %", -0.44, "-0.4 points"),
        ("{:+.2f} % a year", 0.5, "+0.50 points a year"),
        ("{:.0%}", -0.44, "-44 points"),
        ("{:.0f} min", 12, "+12 min"),
        ("{:.1f} years", 0.04, "no difference"),
    ],
)
def test_a_difference_has_its_sign_and_shares_are_in_points(
    pattern: str, number: float, text: str
) -> None:
    figure = Figure("t", "c", "l", 1.0, "u", "", pattern, sentence("m"))
    assert difference_written(figure, number) == text


def test_towns_stand_beside_each_other_with_their_regions_series(store: Store) -> None:
    """GeoNames: 14 839 people in Bebra, and Vidin's region has the code BG311."""
    compared = side_by_side(store, ("2951793", "725905"))
    assert row(compared, "towns", "population").cells[0].number == 14_839
    assert compared.line_codes == {"Hersfeld-Rotenburg": "DE733", "Vidin": "BG311"}
    assert points(compared, "population", 0)[2021] == 120_304


def test_codes_are_refused_and_raised_to_a_level(store: Store) -> None:
    with pytest.raises(InputError, match="XX1"):
        side_by_side(store, ("DE733", "XX1"))
    with pytest.raises(ValueError, match="7 places; at most 6"):
        side_by_side(store, ("DE733",) * (MOST + 1))
    assert at_level(("DE733", "DE734", "ITI31", "EL"), 2) == ("DE73", "ITI3", "EL")
    assert at_level(PAIR, 3) == PAIR


def test_offers_are_neighbours_of_the_type_alike_and_larger(store: Store) -> None:
    """By the map: five of the six regions around Hersfeld-Rotenburg; the sheet's own lookalikes."""
    groups = {o.group: [code for code, _ in o.places] for o in offers(store, "DE733")}
    around = {"DE732", "DE735", "DE737", "DE725", "DEG0P", "DEG0N"}
    assert len(groups["Neighbours"]) == 5
    assert set(groups["Neighbours"]) <= around
    assert groups["Larger regions"] == ["DE73", "DE7", "DE"]
    like = sheet.place_sheet(store, "DE733").section("like")
    assert groups["Most alike"] == [entry.id for entry in like.entries]
    kinds = store.column(
        "select distinct country || ', ' || remoteness from marts.regions "
        "where list_contains(?, nuts_id)",
        [groups["Same type in the country"]],
    )
    assert kinds == ["DE, predominantly rural, remote"]
    # An island's region touches none.
    assert "Neighbours" not in {o.group for o in offers(store, "MT001")}


def test_offers_of_a_town_are_near_of_its_role_and_alike(store: Store) -> None:
    groups = {o.group: o.places for o in offers(store, "2951793")}
    assert groups["Towns near by"][0][1] == "Rotenburg an der Fulda"
    roles = store.rows(
        "select distinct country, size_class, role from marts.towns "
        "where list_contains(?, geonameid)",
        [[int(code) for code, _ in groups["Same type in the country"]]],
    )
    assert roles == [{"country": "DE", "size_class": "small_town", "role": "networked"}]
    assert len(groups["Most alike abroad"]) == 5


def test_the_files_hold_what_the_page_shows(store: Store) -> None:
    compared = side_by_side(store, PAIR)
    with zipfile.ZipFile(io.BytesIO(side_by_side_files.csv_zip(store, compared))) as box:
        names = box.namelist()
        figures = pd.read_csv(box.open("comparison.csv"))
        series = pd.read_csv(box.open("series.csv"))
        notes = box.read("comparison.readme.txt").decode()
    assert names == ["comparison.csv", "series.csv", "comparison.readme.txt"]
    people = figures[figures["column"] == "population_end"].iloc[0]
    assert (people["DE733"], people["ITI31"]) == (116_727, 351_393)
    assert (people["ITI31_difference"], people["ITI31_years"]) == (234_666, "2021")
    kinds = figures.set_index("figure").loc["Kind of region"]
    assert (kinds["DE733_class"], kinds["ITI31_class"]) == ("predominantly rural", "intermediate")
    rows = figures["figure"].tolist()
    assert len(rows) == sum(len(t.rows) + len(t.facts) for t in compared.topics)
    last = series[(series["code"] == "ITI31") & (series["year"] == 2021)]
    assert 353_272 in last["value"].tolist()
    for column in [*figures.columns, *series.columns]:
        assert f"\n{column}: " in notes
    assert "Hersfeld-Rotenburg (DE733); Pesaro e Urbino (ITI31)" in notes
    assert "GISCO" in notes
    assert store.pointer.hash in notes
    book = openpyxl.load_workbook(io.BytesIO(side_by_side_files.workbook(store, compared)))
    assert book.sheetnames == ["comparison", "series", "notes"]
    assert [c.value for c in book["comparison"][1]] == list(figures.columns)
    assert book["comparison"].max_row == len(rows) + 1

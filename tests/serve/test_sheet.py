"""The sheet of a place: what it says of two places is worked out apart from it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import hinterland as hl
from pipelines.core.errors import InputError
from pipelines.serve import sheet
from pipelines.serve import sheet_words as words
from pipelines.serve import texts as catalogue
from pipelines.serve.sheet_parts import Figure, PlaceSheet, Word, sentence
from pipelines.serve.sheet_words import STAND_INS, TownType
from pipelines.serve.store import Store
from tests.where import ROOT

REGION, BEBRA = "DE733", "2951793"
SECTIONS = ("who", "trend", "age", "remoteness", "services", "meeting", "towns", "like", "tried")
OF_TOWN = ("who", "remoteness", "services", "type", "trend", "meeting", "like", "tried")
#: A column of more values than this is a name, not a class.
MOST_CLASSES = 12
WORDED = {
    "webb_type": words.WEBB,
    "cause": words.CAUSES,
    "shrinking_class": words.RATES,
    "duration_class": words.DURATIONS,
    "shape": words.SHAPES,
    "ageing_class": words.AGEING,
    "access_to_city": words.ACCESS_TO_CITY,
    "rank": words.RANKS,
    "role": words.ROLES,
    "size_class": words.SIZES,
    "remoteness": words.REMOTENESS,
}


def figure(made: PlaceSheet, table: str, column: str) -> Figure:
    (one,) = [f for _, f in made.figures() if (f.table, f.column) == (table, column)]
    return one


def told(made: PlaceSheet, section: str) -> str:
    """Return all sentences, facts and notes of a section."""
    part = made.section(section)
    texts = [*part.sentences, *(f.value for f in part.facts), *part.notes]
    return " ".join(text.worded() for text in texts)


def of_each_kind(store: Store) -> list[str]:
    """Return places that together hold every class and mark that regions and towns have."""
    codes: set[str] = set()
    for table, key in (("regions", "nuts_id"), ("towns", "geonameid")):
        frame = store.arrow(f"select * from marts.{table}").to_pandas()  # noqa: S608
        for name in frame.select_dtypes(["object", "str", "bool", "boolean"]):
            if (kinds := frame[name].drop_duplicates()).size <= MOST_CLASSES:
                # A place that is there already may stand for this class, too.
                seen = set(frame.loc[frame[key].astype(str).isin(codes), name])
                fresh = kinds[~kinds.isin(seen)]
                codes |= set(frame.loc[fresh.index, key].astype(str))
    return sorted(codes)


@pytest.mark.parametrize("home", ["built_home", "full_home"])
def test_a_place_of_each_kind_has_a_sheet(home: str, request: pytest.FixtureRequest) -> None:
    """Seats of districts had none: their rank had no words. NO0B1 is Jan Mayen, with nobody."""
    made = Store.current(request.getfixturevalue(home) / "build")
    codes = of_each_kind(made)
    assert len(codes) > 30
    for code in [*codes, "NO0B1", "NO0B2", "LU", "2879929"]:
        assert sheet.place_sheet(made, code).headline, code


def test_each_class_of_a_place_has_words() -> None:
    allowed = {}
    fields = tomllib.loads((ROOT / "sql" / "fields.toml").read_text("utf-8"))
    for name, worded in WORDED.items():
        allowed[name] = set(fields[name]["allowed"]) - set(worded)
    assert allowed == {name: set() for name in WORDED}


def test_the_figures_of_a_region_by_hand(store: Store) -> None:
    """Census grids: 120 700 people in 2011, 116 727 in 2021 on 1 097 km²."""
    made = sheet.place_sheet(store, REGION)
    change, rate = 116_727 / 120_700 - 1, (116_727 / 120_700) ** (1 / 10) - 1
    assert figure(made, "regions", "population_end").value == 116_727
    total = figure(made, "regions", "change_pct")
    assert total.value == pytest.approx(100 * change)
    assert (total.written(), total.years) == ("-3.3 %", "2011-2021")
    assert figure(made, "regions", "annual_change_pct").value == pytest.approx(100 * rate)
    density = figure(made, "regions", "density_per_km2")
    assert density.value == pytest.approx(116_727 / 1_097)
    head = " ".join(s.worded() for s in made.headline)
    assert "116,727 people live here (2021): 3,973 fewer than in 2011, or -0.33 % a year." in head
    assert "That counts as shrinking." in head
    assert "Figures" not in head


def test_both_periods_are_told_with_their_years(store: Store, full_store: Store) -> None:
    """Eurostat: 121 166 people on 1 January 2016 and 120 304 in 2021; yearly 2017 to 2022."""
    made = sheet.place_sheet(store, REGION)
    newest = figure(made, "region_demography", "annual_change_pct")
    assert newest.years == "2016-2021"
    assert newest.value == pytest.approx(100 * ((120_304 / 121_166) ** (1 / 5) - 1))
    words = told(made, "trend")
    assert "2011 to 2021 it changed by -0.33 % a year (censuses), 2016 to 2021 by -0.14 %" in words
    assert "Breaks in the series within 2006-2011, 2011-2016" in words
    assert "embedded figures in periods of five years" in words
    assert "too few births: people no longer leave on balance" in words
    yearly = sheet.place_sheet(full_store, REGION)
    assert figure(yearly, "region_demography", "annual_change_pct").years == "2017-2022"
    assert "Breaks in the series on 1 January 2011, 2016" in told(yearly, "trend")
    assert "not the official list" in yearly.section("age").facts[0].meaning.worded()  # type: ignore[union-attr]  # a fact with a meaning


def test_a_region_stands_among_its_peers(store: Store) -> None:
    """Counted by hand in SQL: who has a higher value, in the country, the EU and the type."""
    made = sheet.place_sheet(store, REGION)
    parts = {d.group: d for d in figure(made, "regions", "change_pct").beside}
    conditions = {
        "country": "country = 'DE'",
        "EU": "country_group = 'EU'",
        "type": "country_group = 'EU' and remoteness = 'predominantly rural, remote'",
    }
    for group, condition in conditions.items():
        counted = store.rows(
            "select count(*) as n, median(change_pct) as middle, count(*) filter "  # noqa: S608
            "(where change_pct > (select change_pct from marts.regions where nuts_id = 'DE733')) "
            f"as above from marts.regions where level = 3 and change_pct is not null "
            f"and {condition}"
        )[0]
        part = parts[group]
        assert (part.count, part.rank) == (counted["n"], counted["above"] + 1), group
        assert part.median == pytest.approx(counted["middle"])
        assert part.is_member
        assert list(part.quantiles) == sorted(part.quantiles)
    country = store.rows("select change_pct from marts.regions where nuts_id = 'DE'")[0]
    assert parts["country"].value == pytest.approx(country["change_pct"])
    union = store.rows(
        "select 100 * (sum(population_end) / sum(population_start) - 1) as change "
        "from marts.regions where level = 3 and country_group = 'EU' and change_pct is not null"
    )[0]
    assert parts["EU"].value == pytest.approx(union["change"])


def test_equal_values_share_their_ranks(store: Store) -> None:
    made = sheet.place_sheet(store, REGION)
    part = figure(made, "regions", "desert_share").beside[0]
    none = store.column(
        "select count(*) from marts.regions where level = 3 and country = 'DE' and desert_share = 0"
    )[0]
    assert part.tied == none - 1 > 0
    assert part.rank == part.count - part.tied


def test_the_figures_of_a_town_by_hand(store: Store) -> None:
    """GeoNames: 14 839 people; Fulda is the centre of the nearest functional urban area."""
    made = sheet.place_sheet(store, BEBRA)
    people = figure(made, "towns", "population")
    assert people.value == 14_839
    assert {d.label.worded() for d in people.beside} >= {"Germany: small towns", "EU: small towns"}
    larger = store.column(
        "select count(*) from marts.towns "
        "where size_class = 'small_town' and country = 'DE' and population > 14839"
    )[0]
    assert people.beside[0].rank == larger + 1
    names = {e.name: e.note.worded() for e in made.section("remoteness").entries}
    assert set(names) == {"Fulda", "Kassel"}
    assert names["Fulda"].startswith("nearest city, 4")
    head = " ".join(s.worded() for s in made.headline)
    assert head.startswith("A small town of 14,839 people in Hersfeld-Rotenburg, Germany.")
    assert "its region shrinks" in told(made, "type")
    assert "they may not describe the town" in told(made, "trend")
    assert [e.id for e in made.section("tried").entries] == ["bebra"]
    assert all(e.kind == "practice" for e in made.section("fits").entries)
    assert made.place.within[0] == ("DE", "Germany")
    assert made.place.region == REGION


@pytest.mark.parametrize(
    ("code", "level", "name"),
    [("DE", 0, "Deutschland"), ("de7", 1, "Hessen"), ("DE73", 2, "Kassel"), ("LU000", 3, None)],
)
def test_regions_of_each_level(store: Store, code: str, level: int, name: str | None) -> None:
    made = sheet.place_sheet(store, code)
    assert (made.place.id, made.place.level) == (code.upper(), level)
    assert [s.name for s in made.sections[:9]] == list(SECTIONS)
    if name:
        assert name in (made.place.name, made.place.name_local)
    kinds = {d.group for d in figure(made, "regions", "change_pct").beside}
    assert kinds == {0: {"EU"}, 1: {"country", "EU"}, 2: {"country", "EU"}}.get(
        level, {"EU", "type"}
    )
    assert len(made.place.within) == level


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("UKJ21", "There are no census figures for this region"),
        ("FR", "Figures cover 99 of its 101 NUTS-3 regions"),
    ],
)
def test_what_is_not_known_is_said(store: Store, code: str, words: str) -> None:
    made = sheet.place_sheet(store, code)
    assert words in made.headline[0].worded()
    missing = figure(made, "regions", "change_pct")
    assert missing.value is None
    assert missing.written() == "no data"
    assert all(d.rank is None for d in missing.beside)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        # London's 8.96 million people lie in Westminster and the City: GeoNames has one point.
        ("UKI32", "more people are listed than live there. Outside 70\u00a0% to 115\u00a0%"),
        (REGION, "of the official population."),
    ],
)
def test_a_sheet_says_what_settlements_sum_to(store: Store, code: str, words: str) -> None:
    people = store.column(
        "select sum(population) from marts.towns where nuts_id = ? and part_of is null", [code]
    )[0]
    official = store.column(
        "select official_people from indicators.ind_region__towns where nuts_id = ?", [code]
    )[0]
    text = told(sheet.place_sheet(store, code), "remoteness")
    assert f"Its listed settlements sum to {100 * people / official:,.0f}\u00a0%" in text
    assert words in text


def test_series_end_where_they_break(store: Store) -> None:
    """Bulgaria's newest period lies across the census of 2021, Germany's does not."""
    for code, is_broken in (("BG411", True), (REGION, False)):
        series = {s.name: s for s in sheet.place_sheet(store, code).section("trend").series}
        births, migration = series["components"].lines
        assert migration.points[-1].is_break is is_broken
        assert {p.years for p in migration.points} == {5}
        assert births.label == "births less deaths"
        index = series["index"].lines
        assert [line.points[0].value for line in index] == [100.0] * 3
    # 5 281 births and 7 867 deaths in 2016 to 2020, Eurostat: a mean a year.
    assert births.points[-1].value == pytest.approx((5_281 - 7_867) / 5)


@pytest.mark.parametrize("code", [REGION, BEBRA, "LU", "TR100", "UKJ21", "734315"])
def test_every_sheet_can_be_worded_and_tabled(store: Store, code: str) -> None:
    made = sheet.place_sheet(store, code)
    for section in made.sections:
        texts = [*section.sentences, *section.notes, *(e.note for e in section.entries)]
        texts += [f.value for f in section.facts]
        for text in texts:
            assert "{" not in text.worded(), text
        for one in section.figures:
            assert one.meaning.worded()
            assert one.sources, one
    table = made.table()
    assert len(table) == len(list(made.figures()))
    ranks = table["country_rank"].dropna()
    assert (ranks <= table.loc[ranks.index, "country_count"]).all()


def test_a_sentence_speaks_the_language_in_use(tmp_path: Path) -> None:
    file = tmp_path / "xx" / "LC_MESSAGES" / "hinterland.po"
    file.parent.mkdir(parents=True)
    file.write_text(
        'msgid "It is {role}."\nmsgstr "Es {role}!"\n\nmsgid "a"\nmsgstr "ä"\n', "utf-8"
    )
    catalogue.use("xx", tmp_path)
    try:
        assert sentence("It is {role}.", role=Word("a")).worded() == "Es ä!"
        assert sentence("It is {role}.", role="a").worded() == "Es a!"
    finally:
        catalogue.use(None)


@pytest.mark.parametrize("code", ["XX999", "1", "", "'; drop table", "DE7334", "999999999"])
def test_an_unknown_place_is_refused(store: Store, code: str) -> None:
    with pytest.raises(InputError, match="there is no"):
        sheet.place_sheet(store, code)


def test_the_api_hands_it_over(home: Path) -> None:
    assert hl.place(int(BEBRA)).place.name == "Bebra"
    with pytest.raises(hl.HinterlandError, match="XX999"):
        hl.place("XX999")


def test_a_town_has_the_four_dimensions_of_fragility(store: Store) -> None:
    """Bebra: its region lost 3 973 of 120 700 people, a city is more than 45 minutes away."""
    facts = {f.label: f for f in sheet.place_sheet(store, BEBRA).section("type").facts}
    holds = {
        "Region shrinks": "its region shrinks",
        "Position": "it is far from a city",
        "Services": "no",
        "Rank": "it is no administrative seat",
    }
    assert {label: facts[label].value.worded() for label in holds} == holds
    assert facts["Region shrinks"].meaning is not None
    assert "-3.3 %" in facts["Region shrinks"].meaning.worded()
    assert facts["What makes it fragile"].value.worded() == "3 of 4 known signs hold"


def test_services_beyond_their_line_are_named(store: Store) -> None:
    (town,) = store.rows(
        "select geonameid from marts.towns where is_short_of_services and is_remote "
        "order by population desc limit 1"
    )
    facts = {
        f.label: f for f in sheet.place_sheet(store, str(town["geonameid"])).section("type").facts
    }
    beyond = store.rows(
        """
        select s.service, round(a.minutes_nearest) as m, s.reference_min as r
        from marts.access as a inner join marts.services as s using (service)
        where a.geonameid = ? and a.coverage = 'covered'
            and s.service in ('basic_centre', 'middle_centre')
            and coalesce(a.minutes_nearest > s.reference_min, true)
        """,
        [town["geonameid"]],
    )
    assert facts["Services"].meaning is not None
    told = facts["Services"].meaning.worded()
    assert beyond
    for row in beyond:
        minutes = "–" if row["m"] is None else f"{row['m']:.0f}"
        assert f"{STAND_INS[row['service']]}: {minutes} > {row['r']:.0f}" in told


def test_the_type_of_a_town_is_told_in_every_language() -> None:
    kind = TownType("isolated small town, remote, shrinking region")
    assert kind.worded() == "isolated small town, remote, shrinking region"
    catalogue.use("de")
    try:
        told = kind.worded()
        parts = [catalogue._(word) for word in ("small town", "isolated", "remote", "shrinking")]
    finally:
        catalogue.use(None)
    assert all(part in told for part in parts)
    assert "region" not in told.replace("Region", "")


def test_the_watch_list_names_the_signs_that_hold(store: Store) -> None:
    """Caras-Severin loses 1.17 % a year, is remote, has half of the EU's GDP; 45.6 is not old."""
    signs = {
        "is_watch_shrinking": "it shrinks",
        "is_watch_aged": "it is old",
        "is_watch_remote": "it is remote",
        "is_watch_poor": "it is poor",
    }
    row = store.rows(
        "select * from marts.region_demography where nuts_version = 2021 and nuts_id = 'RO422'"
    )[0]
    held = ", ".join(text for name, text in signs.items() if row[name])
    made = sheet.place_sheet(store, "RO422")
    line = f"{row['watch_count']} of {row['watch_known']} known signs hold: {held}"
    assert line in told(made, "age")
    assert held == "it shrinks, it is remote, it is poor"


def test_one_age_group_alone_is_no_chart(store: Store) -> None:
    """The embedded figures know people of 65 and more, and no other group."""
    made = sheet.place_sheet(store, "RO422")
    assert "ages" not in [s.name for part in made.sections for s in part.series]
    assert "a dot stands alone" in " ".join(n.worded() for p in made.sections for n in p.notes)

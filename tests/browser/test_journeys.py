"""Nine journeys, three of each user: she acts, reads what is on the screen, and acts are counted.

What she must read comes from the database by a query of the test's own, or from arithmetic.
``docs/journeys/`` shows them: ``make screenshots`` takes the pictures and writes the table.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pypdf
import pytest
from playwright.sync_api import Browser, Page, expect
from pyproj import Transformer

from pipelines.core.pointer import read_pointer
from tests.browser import screen
from tests.browser.journey import WINDOW, Journey, plain
from tests.browser.journey_page import JOURNEYS, keep, write_page

FIND = "Find a region, town or case study"
Begin = Callable[[str], Journey]
#: A line of the towns like one: name, country and people.
LIKE = re.compile(r"(?P<name>.+?) ?(?P<country>[A-Z][a-z]+); (?P<people>[\d,]+) people")


@pytest.fixture(scope="module")
def folder() -> Path | None:
    """Return the folder for pictures and page, ``HINTERLAND_JOURNEYS``; None takes none."""
    stated = os.environ.get("HINTERLAND_JOURNEYS")
    if not stated:
        return None
    made = Path(stated)
    made.mkdir(parents=True, exist_ok=True)
    return made


@pytest.fixture
def begin(chromium: Browser, folder: Path | None) -> Iterator[Begin]:
    """Begin a journey in a fresh browser; at its end its acts must not be above their number."""
    context = chromium.new_context(viewport=WINDOW)
    page = context.new_page()
    page.set_default_timeout(60_000)
    begun: list[Journey] = []

    def one(name: str) -> Journey:
        begun.append(Journey(page, name, folder))
        return begun[-1]

    yield one
    context.close()
    for journey in begun:
        if folder is not None and journey.is_over:
            keep(folder, journey.name, journey.acts, journey.steps)
            write_page(folder)


def arrive(journey: Journey) -> None:
    """End a journey: everything was read; it must not have taken more acts than it may."""
    most = JOURNEYS[journey.name].most
    assert len(journey.acts) <= most, journey.acts
    journey.is_over = True


def ask(home: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Return the rows of the test's own query."""
    file = home / "build" / read_pointer(home / "build").file
    with duckdb.connect(str(file), read_only=True) as con:
        return con.execute(sql, list(values)).fetchall()


def cells(page: Page, index: int = 0) -> list[list[str]]:
    """Return the cells of a table on the screen, row by row."""
    rows = page.get_by_test_id("stDataFrame").nth(index).locator("tbody tr")
    return [[plain(c) for c in row.locator("td").all_text_contents()] for row in rows.all()]


def rows_of(data: bytes) -> pd.DataFrame:
    """Return the table in a download: a zip with the CSV and its notes."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".csv"))
        return pd.read_csv(archive.open(name))


def annual(first: float, last: float, years: int) -> float:
    """Return the steady yearly change in % that leads from one count to another."""
    return 100 * ((last / first) ** (1 / years) - 1)


def test_a_planner_prints_the_sheet_of_her_region(
    served: str, built_home: Path, begin: Begin
) -> None:
    ((first, last, start, end),) = ask(
        built_home,
        "select population_start, population_end, year_start, year_end "
        "from marts.regions where nuts_id = 'DE733'",
    )
    journey = begin("1-sheet")
    page = journey.page
    journey.start(served)
    journey.see("The start page asks which place is hers; the search is on top of it")
    journey.type(page.get_by_label(FIND), "Hersfeld Rotenburg", "the search")
    head = page.get_by_role("heading", name="Hersfeld-Rotenburg", level=1)
    journey.read(head, "Hersfeld-Rotenburg")
    journey.quiet()
    told = page.get_by_text(f"{last:,} people live here ({end})")
    text = journey.read(told, "fewer than")
    assert f"{first - last:,} fewer than in {start}" in text
    assert f"or {annual(first, last, end - start):+.2f} % a year" in text
    journey.see("Its only hit opens: the sheet of the region, the button that prints it on top")
    file = journey.download(page.get_by_role("button", name="PDF to print"), "PDF to print")
    assert file.suggested_filename == "hinterland-DE733.pdf"
    pdf = pypdf.PdfReader(file.path())
    width, height = pdf.pages[0].mediabox[2:]
    assert (round(float(width) / 72 * 25.4), round(float(height) / 72 * 25.4)) == (210, 297)
    printed = plain(pdf.pages[0].extract_text())
    assert "Hersfeld-Rotenburg" in printed
    assert f"{last:,}" in printed
    assert f"{annual(first, last, end - start):+.2f} %" in printed
    arrive(journey)


@pytest.mark.shared
def test_a_planner_closes_a_hospital_and_takes_the_brief_along(
    served_full: str, full_home: Path, begin: Begin
) -> None:
    name, lon, lat = ask(
        full_home,
        "select label, lon, lat from marts.service_sites "
        "where service = 'hospital' and label like '%Hünfeld'",
    )[0]
    # Who has it nearest goes to the second: people, their mean and greatest loss of minutes.
    ((places, people, mean, most),) = ask(
        full_home,
        """
        select count(*), sum(population)::bigint,
               sum((minutes_second - minutes_nearest) * population) / sum(population),
               max(minutes_second - minutes_nearest)
        from marts.access as a
        inner join marts.service_sites as s on s.service = a.service and s.site_id = a.nearest_id
        inner join marts.towns as t on t.geonameid = a.geonameid
        where a.service = 'hospital' and s.label = ? and t.part_of is null
        """,
        name,
    )
    journey = begin("2-hospital")
    page = journey.page
    journey.start(served_full)
    journey.type(page.get_by_label(FIND), "Hünfeld", "the search")
    journey.read(page.get_by_role("heading", name="Hünfeld", level=1), "Hünfeld")
    journey.quiet()
    journey.see("The sheet of her town")
    journey.click(page.locator(".hs-ways").get_by_role("link", name="What if"), "What if")
    journey.read(page.get_by_role("heading", level=1), "What if a site closed")
    journey.quiet()
    x, y = Transformer.from_crs(4326, 3035, always_xy=True).transform(lon, lat)
    spot = screen.spot(page, x / 1000, y / 1000)
    point_at(page, spot, name)
    journey.see("The hospitals around; pointed at, one tells its name")
    journey.acts.append(f"click {name} on the map")
    screen.click_until(page, lambda: screen.spot(page, x / 1000, y / 1000), "closed=")
    loses = page.get_by_test_id("stMetric").filter(has_text="People who lose time")
    text = journey.read(loses, f"{people:,}")
    assert f"+{mean:.1f} min each" in text
    journey.read(page.get_by_text(f"At most {most:.1f} minutes more."), "At most")
    journey.see("Closed: who loses time, and how much, beside the map")
    button = page.get_by_role("button", name="One-page brief")
    brief = plain(Path(journey.download(button, "the brief").path()).read_text("utf-8"))
    journey.see("Below: the settlements, and the brief to print")
    assert f"Closes: {name} (DE)" in brief
    assert re.search(rf"People who lose time</td><td class=n>{people:,}<", brief)
    assert f"{places} settlements change" in brief
    assert "<svg" in brief
    arrive(journey)


def point_at(page: Page, spot: tuple[float, float], name: str) -> None:
    """Point at a site until the map, which may still be drawing, tells its name."""
    tip = page.locator(".hinterland-tip, .deck-tooltip").filter(has_text=name).first
    for step in range(120):
        page.mouse.move(spot[0] + step % 2, spot[1])
        page.wait_for_timeout(500)
        if tip.is_visible():
            return
    raise AssertionError(f"the map does not tell {name}")


def test_a_planner_finds_towns_like_hers_and_takes_a_brief_along(
    served: str, built_home: Path, begin: Begin
) -> None:
    ((people, country),) = ask(
        built_home, "select population, country from marts.towns where geonameid = 2951793"
    )
    journey = begin("3-like")
    page = journey.page
    journey.start(served)
    journey.type(page.get_by_label(FIND), "Bebra", "the search")
    hits = page.locator(".hinterland-hits")
    hers = f"Bebra (Hersfeld-Rotenburg, Germany, {people:,} people)"
    journey.click(hits.get_by_role("link", name=hers), hers)
    journey.read(page.get_by_role("heading", name="Bebra", level=1), "Bebra")
    journey.quiet()
    journey.see("The sheet of her town")
    jumps = page.locator(".hs-jumps")
    journey.click(jumps.get_by_role("link", name="Places like it"), "Places like it")
    listed = page.locator(".hs-entries").filter(has_text=re.compile(r"; [\d,]+ people")).first
    lines = journey.read(listed, " people").splitlines()
    journey.see("The towns most like it, in other countries")
    assert len(lines) >= 5
    for line in lines:
        told = LIKE.fullmatch(line)
        assert told, line
        # A town of that name and size is there, abroad, and small as hers is.
        assert ask(
            built_home,
            "select 1 from marts.towns where name = ? and country_name = ? and population = ? "
            "and country <> ? and size_class = 'small_town'",
            told["name"].strip(),
            told["country"],
            int(told["people"].replace(",", "")),
            country,
        ), line
    every = "All practices, and your own answers"
    journey.click(page.get_by_role("link", name=every), every)
    journey.read(page.get_by_role("heading", level=1), "What fits here?")
    journey.quiet()
    brief_button = page.get_by_role("button", name="Two-page brief")
    journey.see("What fits her town, best first, and the brief")
    brief = plain(Path(journey.download(brief_button, "the brief").path()).read_text("utf-8"))
    assert "Bebra, Germany" in brief
    assert f"{people:,}" in brief
    # What its documents say was tried there.
    tried = ask(
        built_home, "select title from marts.practices where list_contains(tried_at, 'bebra')"
    )
    assert tried
    assert all(escape(title) in brief for (title,) in tried)
    arrive(journey)


def test_an_analyst_s_list_is_the_same_in_a_fresh_browser(
    served: str, built_home: Path, begin: Begin, chromium: Browser
) -> None:
    wanted = ask(
        built_home,
        """
        select nuts_id, population_end, area_km2 from marts.regions
        where level = 3 and annual_change_pct <= -0.5 and access_to_city = 'remote'
          and remoteness = 'predominantly rural, remote'
        order by nuts_id
        """,
    )
    codes = [code for code, _people, _area in wanted]
    people = sum(row[1] for row in wanted)
    journey = begin("4-filter")
    page = journey.page
    journey.start(served)
    journey.menu("Regions", "Regions")
    slider = page.get_by_test_id("stSlider").filter(has_text="Annual change, %")
    journey.drag(slider.get_by_role("slider").nth(1), "-0.5", "the upper end of Annual change")
    journey.choose("Remoteness", "predominantly rural, remote")
    journey.choose("Access to a city", "remote")
    figures = page.get_by_test_id("stMetric")
    journey.read(figures.filter(has_text="Regions selected"), f"{len(codes)} of 1,514")
    journey.read(figures.filter(has_text="Population 2021"), f"{people:,}")
    journey.see("Three conditions in the sidebar: their regions, people and map")
    button = page.get_by_role("button", name="CSV (zip with notes)")
    mine = rows_of(Path(journey.download(button, "CSV").path()).read_bytes())
    assert sorted(mine["nuts_id"]) == codes
    assert (mine["annual_change_pct"] <= -0.5).all()
    assert set(mine["access_to_city"]) == {"remote"}
    journey.click(page.get_by_role("button", name="Copy link"), "Copy link")
    link = plain(page.get_by_test_id("stCode").first.inner_text()).strip()
    journey.see("The list as a file, and the link to it")
    assert link.startswith(f"{served}/regions?")
    # A colleague opens the link in a browser that knows nothing.
    context = chromium.new_context(viewport=WINDOW)
    fresh = context.new_page()
    fresh.set_default_timeout(60_000)
    fresh.goto(link)
    expect(fresh.get_by_test_id("stMetric").filter(has_text="Regions selected")).to_contain_text(
        f"{len(codes)} of 1,514"
    )
    screen.settle(fresh)
    with fresh.expect_download() as download:
        fresh.get_by_role("button", name="CSV (zip with notes)").click()
    theirs = rows_of(Path(download.value.path()).read_bytes())
    context.close()
    pd.testing.assert_frame_equal(mine, theirs)
    arrive(journey)


def test_an_analyst_moves_a_threshold_and_sees_what_moves(
    served: str, built_home: Path, begin: Begin
) -> None:
    moved = {
        code
        for (code,) in ask(
            built_home,
            "select nuts_id from marts.region_demography where level = 3 and nuts_version = 2021 "
            "and annual_change_pct < -0.5 and annual_change_pct >= -0.75",
        )
    }
    journey = begin("5-threshold")
    page = journey.page
    journey.start(served)
    journey.menu("Regions", "Regions")
    sidebar = page.get_by_test_id("stSidebar")
    journey.click(sidebar.get_by_text("Move thresholds"), "Move thresholds")
    name = "Moderate shrinking: annual change below this (% a year)"
    journey.type(page.get_by_role("textbox", name=name), "-0.75", name)
    told = page.get_by_text(re.compile(r"Rate class: [\d,]+"))
    text = journey.read(told, "moved to another class")
    assert f"Rate class: {len(moved):,}" in text
    journey.see("What the moved threshold changes: counted, from class to class, and listed")
    button = page.get_by_role("button", name="Regions that moved (CSV)")
    file = journey.download(button, "Regions that moved (CSV)")
    table = pd.read_csv(file.path(), comment="#")
    rate = table[table["typology"] == "shrinking_class"]
    assert set(rate["nuts_id"]) == moved
    assert set(rate["class_before"]) == {"moderate"}
    assert set(rate["class_after"]) == {"modest"}
    arrive(journey)


def test_an_analyst_compares_four_at_nuts_2(served: str, built_home: Path, begin: Begin) -> None:
    names = {
        "DE73": "Kassel",
        "BG31": "Severozapaden",
        "ITI3": "Marche",
        "EL53": "Dytiki Makedonia",
    }
    figures = {
        code: (first, last)
        for code, first, last in ask(
            built_home,
            "select nuts_id, population_start, population_end from marts.regions "
            "where nuts_id in ('DE73', 'BG31', 'ITI3', 'EL53')",
        )
    }
    journey = begin("6-compare")
    page = journey.page
    journey.start(served)
    journey.click(page.get_by_test_id("stTopNavLink").filter(has_text="Compare"), "Compare")
    journey.quiet()
    table = page.get_by_role("region", name="Figures side by side")
    for name in names.values():
        field = page.get_by_label(re.compile("^Add a "))
        journey.type(field, name, "the search")
        hit = page.get_by_role("button", name=f"{name} (NUTS 2")
        journey.click(hit, name)
        expect(page.get_by_role("button", name=name).first).to_be_visible()
        screen.settle(page)
    row = table.get_by_role("row", name="Change of the population -")
    text = journey.read(row, "%")
    for first, last in figures.values():
        assert f"{100 * (last / first - 1):+.1f} %" in text
    journey.see("Four regions of NUTS 2 side by side, differences to the first")
    worst = min(figures.values(), key=lambda pair: pair[1] / pair[0])
    assert f"{100 * (worst[1] / worst[0] - 1):+.1f} % ▼ lowest" in re.sub(r"\s+", " ", text)
    file = journey.download(page.get_by_role("button", name="Excel"), "Excel")
    sheets = pd.read_excel(io.BytesIO(Path(file.path()).read_bytes()), None, header=None)
    seen = {str(cell) for sheet in sheets.values() for cell in sheet.to_numpy().ravel()}
    assert set(names) <= seen
    arrive(journey)


def test_a_researcher_downloads_a_table_with_its_dictionary(
    served: str, built_home: Path, begin: Begin
) -> None:
    ((count, people),) = ask(
        built_home,
        "select count(*), sum(population_end) filter (where level = 3)::bigint from marts.regions",
    )
    journey = begin("7-dictionary")
    page = journey.page
    journey.start(served)
    journey.menu("Methods", "Data & methods")
    journey.see("Every column with label, unit, definition and sources")
    journey.click(page.get_by_role("tab", name="Downloads"), "Downloads")
    button = page.get_by_role("button", name="CSV (zip with notes)")
    file = journey.download(button, "CSV (zip with notes)")
    journey.see("Whole tables, each with its notes")
    data = Path(file.path()).read_bytes()
    table = rows_of(data)
    assert len(table) == count
    assert int(table.loc[table["level"] == 3, "population_end"].sum()) == people
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        notes = archive.read("hinterland-regions.readme.txt").decode()
    # Each column of the file has its definition, those of numbers their unit.
    dictionary = notes.partition("\nColumns\n")[2]
    told = re.findall(r"^(\w+)(?: \[[^\]]+\])?: .{10,}$", dictionary, re.M)
    assert told == list(table.columns)
    assert "population_end [people]: " in notes
    assert read_pointer(built_home / "build").hash in notes
    assert "licence: CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)" in notes
    arrive(journey)


def test_a_researcher_reproduces_a_number_from_its_sql(
    served: str, built_home: Path, begin: Begin
) -> None:
    ((first, last, years),) = ask(
        built_home,
        "select population_start, population_end, year_end - year_start "
        "from marts.regions where nuts_id = 'DE733'",
    )
    journey = begin("8-sql")
    page = journey.page
    journey.start(served)
    journey.type(page.get_by_label(FIND), "DE733", "the search")
    journey.read(page.get_by_role("heading", name="Hersfeld-Rotenburg", level=1), "Hersfeld")
    journey.quiet()
    figure = page.locator(".hs-figure").filter(has_text="Change of the population, a year").first
    text = journey.read(figure, "% a year")
    shown = re.findall(r"([-+]\d+\.\d+)\s+% a year", text)[0]
    assert shown == f"{annual(first, last, years):+.2f}"
    journey.see("A figure of the sheet, with the way to how it is computed")
    journey.click(figure.get_by_role("link", name="How is it computed?"), "How is it computed?")
    journey.read(page.get_by_role("heading", name="What this column is made of"), "made of")
    journey.quiet()
    step = page.get_by_test_id("stExpander").filter(has_text="indicators.ind_region__change").first
    journey.click(step.locator("summary"), "indicators.ind_region__change")
    journey.read(step, "annual_change_pct")
    journey.see("What the column is made of, and the statement of each table on the way")
    journey.click(step.get_by_role("link", name="Ask in SQL"), "Ask in SQL")
    box = page.get_by_role("textbox", name="Query")
    expect(box).to_contain_text("select * from final")
    journey.quiet()
    statement = box.input_value()
    mine = statement.replace(
        "select * from final",
        "select nuts_id, annual_change_pct from final where nuts_id = 'DE733'",
    )
    journey.type(box, mine, "the box")
    journey.click(page.get_by_role("button", name="Run"), "Run")
    expect(page.get_by_text("1 row", exact=True)).to_be_visible()
    journey.quiet()
    journey.see("The same statement for this region: the same number")
    ((code, value),) = cells(page)
    assert code == "DE733"
    assert f"{float(value):+.2f}" == shown
    arrive(journey)


def test_a_researcher_s_own_facilities_from_a_european_spreadsheet(
    served: str, built_home: Path, begin: Begin, tmp_path: Path
) -> None:
    # As Excel saves it in Germany: a mark, semicolons, decimal commas, an empty row, no ids.
    file = tmp_path / "Bibliotheken.csv"
    file.write_text(
        "name;lat;lon\r\nBebra;50,9711;9,7903\r\nBad Hersfeld;50,8684;9,7069\r\n;;\r\n",
        "utf-8-sig",
    )
    ((people,),) = ask(
        built_home,
        "select sum(population)::bigint from marts.towns "
        "where nuts_id = 'DE733' and part_of is null",
    )
    journey = begin("9-own")
    page = journey.page
    journey.start(served)
    journey.menu("Reach", "Services")
    journey.choose("Service", "Your own file")
    journey.upload(page.get_by_test_id("stFileUploader"), file)
    journey.read(page.get_by_text("decimal commas read as decimal points"), "decimal commas")
    journey.choose("Study area", "A region")
    journey.type(page.get_by_label("NUTS code"), "DE733", "NUTS code")
    journey.read(page.get_by_text("people live in the study area"), f"{people:,}")
    metric = page.get_by_test_id("stMetric").filter(has_text="People beyond")
    beyond = journey.read(metric, "20 min")
    journey.see("Who is beyond 20 minutes of the two libraries, in the region that they are for")
    button = page.get_by_role("button", name="Study area (CSV, zip with notes)")
    table = rows_of(Path(journey.download(button, "CSV").path()).read_bytes())
    assert set(table["nearest_name"]) == {"Bebra", "Bad Hersfeld"}
    assert table.set_index("name").loc["Bebra", "minutes_nearest"] < 5
    # Parts of a place are in the table, too; their people are their whole's.
    parts = {
        key for (key,) in ask(built_home, "select geonameid from marts.towns where part_of > 0")
    }
    whole = table[~table["geonameid"].isin(parts)]
    assert whole["population"].sum() == people
    far = whole.loc[whole["minutes_nearest"] > 20, "population"].sum()
    assert f"{far:,.0f}" in beyond
    arrive(journey)

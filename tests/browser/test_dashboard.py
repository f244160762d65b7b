"""The dashboard in Chromium: maps drawn, clicks taken, nothing asked of other servers."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from pages._ui.maps import rgb
from pages._ui.measures import PUOR
from pages._ui.programs import first_programs
from tests.browser import screen
from tests.browser.conftest import serving

LOSING = tuple(rgb(PUOR[1]))
LAPPI = (5080.0, 5090.0)  # FI1D7, far from any border, km in EPSG:3035


def test_a_deep_link_as_the_very_first_request_has_its_frame(built_home: Path, page: Page) -> None:
    with serving(built_home) as address:
        page.goto(f"{address}/regions?region=DE733")
        expect(page.get_by_role("link", name="Overview")).to_be_visible()
        expect(page.get_by_test_id("card")).to_contain_text("Hersfeld-Rotenburg")
        expect(page).to_have_title("Hersfeld-Rotenburg · Regions · Hinterland")


def test_a_code_in_the_address_is_written_anew_and_stays(served: str, page: Page) -> None:
    """What is copied from the address bar shows what the link did that was opened."""
    page.goto(f"{served}/regions?country=DE&level=2")
    expect(page).to_have_url(f"{served}/regions?country=Germany&level=NUTS+2")
    page.goto(f"{served}/tables?part=sql")
    expect(page).to_have_url(f"{served}/tables?part=Ask+in+SQL")


@pytest.mark.parametrize("path", ["/", "/regions", "/towns", "/data"])
def test_no_request_leaves_the_machine(served: str, page: Page, path: str) -> None:
    page.goto(served + path)
    page.wait_for_selector("h1")
    screen.settle(page)
    page.wait_for_timeout(1500)
    outside = [u for u in page.requests if not u.startswith((served, "data:", "blob:"))]
    assert outside == []
    assert len(page.requests) > 5


@pytest.mark.parametrize("path", ["/", "/regions?region=DE733"])
def test_a_page_breaks_no_rule_of_its_policy(served: str, page: Page, path: str) -> None:
    broken: list[str] = []
    page.on("console", lambda m: broken.append(m.text) if "Content Security" in m.text else None)
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto(served + path)
    page.wait_for_selector(f"{screen.MAP} canvas")
    chart = page.get_by_test_id("stVegaLiteChart").first
    chart.scroll_into_view_if_needed()
    expect(chart.locator("canvas, svg").first).to_be_visible()
    screen.settle(page)
    assert broken == []
    # The rules hold: a script that somebody brought into the page does not run.
    page.evaluate(
        "document.body.appendChild(Object.assign(document.createElement('script'),"
        " {textContent: 'window.injected = 1'})) && null"
    )
    assert page.evaluate("window.injected ?? null") is None
    page.wait_for_timeout(200)
    assert len(broken) == 1


def test_the_map_s_program_comes_early_and_once(served: str, page: Page) -> None:
    page.goto(served)
    page.wait_for_selector(screen.MAP)
    fetched = page.evaluate(
        "performance.getEntriesByType('resource').map(e => [new URL(e.name).pathname, e.startTime])"
    )
    when = {path: start for path, start in fetched}
    asked_by_script = min(start for path, start in fetched if path.endswith("/host-config"))
    for address in first_programs():
        assert [path for path, _ in fetched].count(address) == 1, address
        assert when[address] < asked_by_script, address
    # The options of this project hold: no developer's menu.
    expect(page.get_by_test_id("stAppDeployButton")).to_have_count(0)


def test_the_map_has_the_colours_of_its_legend(served: str, page: Page) -> None:
    page.goto(f"{served}/regions")
    image = screen.wait_for_colour(page, LOSING)
    # Counts of the legend are those of the data; each class is somewhere on the map.
    legend = page.get_by_test_id("legend").inner_text()
    assert "Population change (%)" in legend
    assert "no data\n220" in legend  # 1 514 regions, 1 294 of them with both years
    for colour in (PUOR[0], PUOR[2], PUOR[5], PUOR[6]):
        assert screen.share_of(image, tuple(rgb(colour))) > 0.0005, colour


def test_a_click_opens_the_region_and_fades_nothing(served: str, page: Page) -> None:
    page.goto(f"{served}/regions")
    before = screen.wait_for_colour(page, LOSING)
    screen.settle(page)
    inside = _inside(page)
    page.mouse.move(*screen.spot(page, *LAPPI))
    expect(page.get_by_text("Lappi (FI1D7)")).to_be_visible()  # the tooltip
    screen.click_until(page, screen.spot(page, *LAPPI), "region=FI1D7")
    # Beside the map, at once: what it is called and its value.
    card = page.get_by_test_id("card")
    expect(card).to_contain_text("Lappi")
    expect(card).to_be_in_viewport()
    expect(page.get_by_role("textbox", name="Chosen")).to_have_value("FI1D7")
    screen.settle(page)
    # The view moves to the region; its colour must be as strong as before.
    colour = before[tuple(int(v) for v in reversed(inside))]
    assert colour.max() - colour.min() > 30, "the test needs a coloured region"
    page.mouse.move(*_corner(page))  # a region under the mouse is darker
    after = screen.wait_for_colour(page, tuple(int(c) for c in colour), 0.015)
    middle = after[after.shape[0] // 2, after.shape[1] // 2]
    assert np.abs(middle - colour).max() <= 12


def _corner(page: Page) -> tuple[float, float]:
    box = page.locator(screen.MAP).first.bounding_box()
    assert box
    return box["x"] + 20, box["y"] + 20


def _inside(page: Page) -> tuple[float, float]:
    x, y = screen.spot(page, *LAPPI)
    box = page.locator(screen.MAP).first.bounding_box()
    assert box
    return x - box["x"], y - box["y"]


def test_a_changed_filter_sends_little_and_no_geometry(served: str, page: Page) -> None:
    page.goto(f"{served}/regions")
    screen.wait_for_colour(page, LOSING)
    screen.settle(page)
    fetched = len([u for u in page.requests if "/maps/" in u])
    for label, option in (
        ("Country", "Germany"),
        ("Trend", "shrinking"),
        ("Trend", "stable"),
    ):
        page.received.clear()
        box = page.get_by_test_id("stSidebar").get_by_test_id("stMultiSelect")
        field = box.filter(has_text=label).locator("input").first
        field.fill(option)
        page.get_by_role("option", name=option).first.click()
        page.keyboard.press("Escape")
        screen.settle(page)
        page.wait_for_timeout(700)
        assert 0 < sum(page.received) <= 50_000, (label, sum(page.received))
    assert len([u for u in page.requests if "/maps/" in u]) == fetched


def test_a_missing_database_is_said_in_words(
    tmp_path: Path, built_home: Path, chromium: Browser
) -> None:
    """The pointer is taken away under a running dashboard."""
    import shutil

    home = tmp_path / "home"
    shutil.copytree(built_home, home)
    with serving(home) as address:
        (home / "build" / "current.json").unlink()
        tab = chromium.new_page()
        tab.goto(address)
        expect(tab.get_by_text("Run 'hinterland build'")).to_be_visible(timeout=60_000)
        tab.close()


def test_a_table_row_opens_the_region(served: str, page: Page) -> None:
    page.goto(f"{served}/regions?country=Luxembourg")
    screen.settle(page)
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box
    page.mouse.click(box["x"] + 18, box["y"] + 52)
    expect(page.get_by_test_id("card")).to_contain_text("LU000")


def test_a_town_is_found_and_shown(served: str, page: Page) -> None:
    page.goto(f"{served}/towns")
    page.get_by_label("Search by name").fill("Fermignano")
    page.get_by_label("Search by name").press("Enter")
    page.get_by_test_id("stSelectbox").filter(has_text="found").locator("input").click()
    page.get_by_role("option", name="Fermignano").first.click()
    expect(page.get_by_test_id("card")).to_contain_text("Fermignano")
    assert "town=" in page.url


def test_a_search_opens_the_sheet_and_my_place_follows(served: str, page: Page) -> None:
    """From the start page: type, read; then one click makes it mine on every page."""
    page.goto(served)
    page.get_by_label("Find a region, town or case study").fill("Hersfeld Rotenburg")
    expect(page.get_by_role("heading", name="Hersfeld-Rotenburg", level=1)).to_be_visible()
    assert "/place?region=DE733" in page.url
    expect(page).to_have_title("Hersfeld-Rotenburg · Place · Hinterland")
    expect(page.get_by_text("116,727 people live here (2021)")).to_be_in_viewport()
    page.get_by_role("button", name="This is my place").click()
    expect(page.get_by_role("navigation", name="My place")).to_be_visible()
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", name="Where is Europe shrinking?")).to_be_visible()
    mine = page.get_by_role("navigation", name="My place")
    expect(mine).to_contain_text("Hersfeld-Rotenburg")
    assert "my=DE733" in page.url
    # A fresh browser shows the same from the address alone.
    address = page.url
    page.context.clear_cookies()
    page.goto(address)
    expect(page.get_by_role("navigation", name="My place")).to_contain_text("Hersfeld-Rotenburg")
    mine.get_by_role("link", name="Hersfeld-Rotenburg").click()
    expect(page.get_by_role("heading", name="Hersfeld-Rotenburg", level=1)).to_be_visible()


def test_four_regions_are_compared_at_nuts_2(served: str, page: Page, chromium: Browser) -> None:
    """From a sheet: one click, then each further region by typing and a click."""
    sent: list[int] = []

    def count(data: str | bytes) -> None:
        sent.append(len(zlib.compress(data if isinstance(data, bytes) else data.encode())))

    page.on("websocket", lambda ws: ws.on("framereceived", count))
    page.goto(f"{served}/place?region=DE73")
    page.locator(".hs-ways").get_by_role("link", name="Compare", exact=True).click()
    expect(page.get_by_text("Add at least one more place")).to_be_visible()
    names = ("Severozapaden", "Marche", "Dytiki Makedonia")
    table = page.get_by_role("region", name="Figures side by side")
    for name in names:
        page.get_by_label("Add a region: name or code").fill(name)
        hit = page.get_by_role("button", name=f"{name} (NUTS 2")
        expect(hit).to_be_visible()
        screen.settle(page)
        sent.clear()
        hit.click()
        expect(table.get_by_role("link", name=name)).to_be_visible()
        screen.settle(page)
        assert 0 < sum(sent) <= 50_000, sum(sent)
    head = table.get_by_role("columnheader")
    expect(head.nth(0)).to_be_in_viewport()
    expect(table).to_contain_text("less developed: 33 % of the EU's GDP a head in BG31")
    expect(table).to_contain_text("transition: 92 % of the EU's GDP a head in ITI3")
    # Vidin's north-west lost more than a sixth of its people: 847 116 became 689 455.
    expect(table.get_by_role("row", name="Change of the population -")).to_contain_text(
        "-18.6 % ▼ lowest"
    )
    expect(page.get_by_test_id("stVegaLiteChart")).to_have_count(4)
    assert page.title() == "Kassel, Severozapaden, Marche, Dytiki Makedonia · Compare · Hinterland"
    with page.expect_download() as download:
        page.get_by_role("button", name="Excel").click()
    assert download.value.suggested_filename == "hinterland-comparison.xlsx"
    # The address alone shows the same elsewhere.
    fresh = chromium.new_context().new_page()
    fresh.goto(page.url)
    again = fresh.get_by_role("region", name="Figures side by side")
    expect(again).to_be_visible()
    assert again.inner_text() == table.inner_text()
    # A place is taken out with one click.
    page.get_by_role("button", name="Marche").first.click()
    expect(table.get_by_role("link", name="Marche")).to_have_count(0)
    assert "regions=DE73%2CBG31%2CEL53" in page.url


def test_a_sheet_sends_little(served: str, page: Page) -> None:
    """Counted as the server sends it: each message deflated."""
    sent: list[int] = []

    def count(data: str | bytes) -> None:
        sent.append(len(zlib.compress(data if isinstance(data, bytes) else data.encode())))

    page.on("websocket", lambda ws: ws.on("framereceived", count))
    page.goto(f"{served}/place?region=DE733")
    page.wait_for_selector("h1")
    screen.settle(page)
    sent.clear()
    page.get_by_role("button", name="This is my place").click()
    expect(page.get_by_role("navigation", name="My place")).to_be_visible()
    screen.settle(page)
    assert 0 < sum(sent) <= 50_000, sum(sent)

"""WCAG 2.2 AA: axe-core on every page, light and dark; keyboard, headings, words for maps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from pages._ui import directory
from pipelines.core.pointer import read_pointer
from tests.browser import screen

AXE = Axe()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: What a page shows when something is chosen; the others as they open.
CHOSEN = {
    "overview": "my=DE733",
    "place": "region=DE733",
    "regions": "region=DE733",
    "shrinking": "region=DE733",
    "towns": "town=2951793",
    "small_towns": "town=2951793",
    "case_studies": "case=bebra",
    "what_fits": "town=2951793",
}
PAGES = [
    *((entry.name, f"/{entry.url}?{CHOSEN.get(entry.name, '')}") for entry in directory.PAGES),
    ("compare_2", "/compare?regions=DE733,ITI31"),
    ("compare_4", "/compare?regions=DEA1,BG31,ITI3,PL81&level=NUTS+2"),
]
GROUND = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"


@pytest.fixture(scope="module")
def tab(chromium: Browser) -> Iterator[Page]:
    """Return a page of a visitor; axe is read into it past the policy."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def serious(answer: dict[str, Any]) -> list[str]:
    """Return what axe calls serious or critical, a line for each element."""
    return [
        f"{rule['id']}: {node['html'][:160]}"
        for rule in answer["violations"]
        if rule["impact"] in ("serious", "critical") or rule["id"] == "heading-order"
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize(("name", "path"), PAGES)
def test_axe_finds_nothing_serious(served: str, tab: Page, name: str, path: str) -> None:
    """All rules by day; by night those of colours, which alone are others then."""
    tab.emulate_media(color_scheme="light")
    tab.goto(served + path)
    tab.wait_for_selector("h1")
    screen.drawn(tab)
    assert serious(AXE.run(tab, options={"runOnly": TAGS}).response) == []
    tab.emulate_media(color_scheme="dark")
    tab.wait_for_function(f"{GROUND} === 'rgb(20, 22, 28)'")
    screen.drawn(tab)
    assert serious(AXE.run(tab, options={"runOnly": ["color-contrast"]}).response) == []


def test_no_reader_comes_upon_the_frame_of_a_brush(served: str, page: Page) -> None:
    """Vega gives it a role and no name: it is hidden in the turn in which it is drawn."""
    page.add_init_script(
        """
        window.nameless = 0; window.brushes = 0;
        const look = () => {
            window.brushes += document.querySelectorAll("g[class*=brush_]").length;
            window.nameless += document.querySelectorAll(
                "g.role-mark[class*=brush_]:not([aria-hidden=true])").length;
            setTimeout(look, 20);
        };
        look();
        """
    )
    page.goto(f"{served}/regions?region=DE733")
    page.wait_for_selector("g[class*=brush_]", state="attached")
    screen.drawn(page)
    assert page.evaluate("window.brushes") > 0
    assert page.evaluate("window.nameless") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_sees_what_is_wrong(served: str, tab: Page, scheme: Literal["light", "dark"]) -> None:
    """Small print at Streamlit's own 60 % is what it must find."""
    tab.emulate_media(color_scheme=scheme)
    tab.goto(served)
    tab.wait_for_selector("h1")
    screen.settle(tab)
    tab.add_style_tag(content=".stApp [data-testid=stCaptionContainer] {opacity: .4 !important}")
    found = serious(AXE.run(tab, options={"runOnly": TAGS}).response)
    assert any(line.startswith("color-contrast") for line in found)


def test_the_page_is_as_dark_as_its_visitor_wishes(served: str, chromium: Browser) -> None:
    seen = {}
    for scheme in ("light", "dark"):
        page = chromium.new_page(color_scheme=scheme)
        page.goto(f"{served}/regions?country=Germany")
        screen.view(page)
        screen.settle(page)
        page.wait_for_timeout(2_000)
        ground = page.evaluate(GROUND)
        seen[scheme] = (ground, screen.pixels(page).mean())
        page.close()
    assert seen["light"][0] == "rgb(255, 255, 255)"
    assert seen["dark"][0] == "rgb(20, 22, 28)"
    # Germany alone is selected: the ground of all other countries follows the page.
    assert seen["light"][1] > 200
    assert seen["dark"][1] < 110


def test_a_map_tells_its_extremes_in_words(served: str, built_home: Path, page: Page) -> None:
    database = built_home / "build" / read_pointer(built_home / "build").file
    with duckdb.connect(str(database), read_only=True) as con:
        (highest, lowest, known, every) = con.execute(
            """
            select
                arg_max(name || ', ' || nuts_id, change_pct),
                arg_min(name || ', ' || nuts_id, change_pct),
                count(change_pct), count(*)
            from marts.regions where level = 3
            """
        ).fetchone() or ("", "", 0, 0)
    page.goto(f"{served}/regions")
    screen.view(page)
    words = page.get_by_role("figure", name="Map: Which regions gain and which lose people?")
    told = words.first.get_attribute("aria-label") or ""
    assert "highest " in told
    assert f"({highest})" in told
    assert f"({lowest})" in told
    assert f"{known:,} with figures, {every - known:,} without" in told


def test_the_first_stop_of_the_keyboard_skips_to_the_content(served: str, page: Page) -> None:
    page.goto(served)
    page.wait_for_selector("h1")
    screen.settle(page)
    page.keyboard.press("Tab")
    label = page.evaluate("document.activeElement.textContent")
    assert "main content" in label.lower()
    page.keyboard.press("Enter")
    inside = "document.querySelector('[data-testid=stMain]').contains(document.activeElement)"
    assert page.evaluate(inside)


def test_zoomed_to_200_percent_nothing_is_beside_the_screen(served: str, page: Page) -> None:
    page.set_viewport_size({"width": 720, "height": 450})
    for path in ("/?my=DE733", "/regions?region=DE733", "/place?town=2951793", "/tables"):
        page.goto(served + path)
        page.wait_for_selector("h1")
        screen.settle(page)
        wide = page.evaluate(
            "document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth"
        )
        assert wide <= 0, path


def test_the_start_page_answers_three_questions_on_ones_own_place(served: str, page: Page) -> None:
    """From nothing: type a name; three answers, each with a way to more."""
    page.goto(served)
    page.get_by_label("Your region or town").fill("Hersfeld Rotenburg")
    expect(page.get_by_role("heading", name="Hersfeld-Rotenburg: three questions")).to_be_visible()
    assert "my=DE733" in page.url
    expect(page.get_by_text("116,727 people live here (2021)")).to_be_in_viewport()
    answers = page.locator(".hw-answer")
    expect(answers).to_have_count(3)
    expect(answers.nth(1)).to_contain_text("Drive to a city: 43 min")
    answers.nth(2).get_by_role("link", name="Open the sheet").click()
    expect(page.get_by_role("heading", name="Hersfeld-Rotenburg", level=1)).to_be_visible()
    assert page.url.endswith("#like")


def test_the_words_of_a_page_are_explained_on_it(served: str, page: Page) -> None:
    page.goto(f"{served}/small-towns")
    page.get_by_role("button", name="Words on this page").click()
    expect(page.get_by_text("Pole, belt, intermediate, peripheral")).to_be_visible()

"""The pictures of README and site: taken from the running app, and told from it when they are old.

With ``HINTERLAND_SCREENSHOTS`` (``make screenshots``) each picture is written with what its page
says: title, headings, figures, the map in words, width and height. Without it the committed
facts are held against the running app: a picture that no longer shows what the app says is named.
"""

from __future__ import annotations

import json
import os
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import screen
from tests.where import ROOT

FACTS = "pictures.json"
COMMITTED = ROOT / "docs/screenshots"
EMBEDDED = [
    ("/", "overview"),
    ("/regions?trend=shrinking&urban_rural=predominantly+rural", "regions"),
    ("/place?region=DE733", "place"),
    ("/compare?regions=DE73,BG31,ITI3,EL53", "compare"),
    ("/towns?country=Italy", "towns"),
    ("/data", "data"),
    ("/remoteness", "remoteness"),
    ("/small-towns?town=2951793", "small-towns"),
    ("/social-places", "social-places"),
    ("/case-studies", "case-studies"),
    ("/what-fits?town=2951793", "what-fits"),
    ("/shrinking-and-thin", "shrinking-and-thin"),
]
FETCHED = [
    ("/shrinking", "shrinking"),
    ("/place?region=DE733", "place-yearly"),
    ("/services?service=Hospital+%28any+site%29", "services"),
]


#: The words of a page that a picture is held to: those of the frame are the same on all.
WORDS = """() => {
    const all = (where) => [...document.querySelectorAll("[data-testid=stMain] " + where)]
        .filter((node) => node.checkVisibility());
    return {
        title: document.title,
        headings: all("h1, h2, h3").map((node) => node.innerText.trim()),
        figures: all("[data-testid=stMetric], .hs-figure").map((node) => node.innerText.trim()),
        maps: all("[role=figure][aria-label]").map((node) => node.getAttribute("aria-label")),
    };
}"""


def take(page: Page, address: str, target: Path) -> dict[str, Any]:
    """Open a page, wait until it is drawn, take its picture and return what it says."""
    page.goto(address)
    page.wait_for_selector("h1")
    screen.drawn(page)
    if page.locator(screen.MAP).count():
        wait_for_any_colour(page)
    assert page.get_by_test_id("stException").count() == 0
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": 1440, "height": min(int(height) + 60, 2600)})
    page.wait_for_timeout(2000)
    page.screenshot(path=target)
    assert target.stat().st_size > 40_000
    # 256 colours are enough for a page of the docs, at a third of the size.
    with Image.open(target) as picture:
        small = picture.convert("RGB").quantize(256, Image.Quantize.MEDIANCUT, kmeans=4)
    small.save(target, optimize=True)
    return {**page.evaluate(WORDS), "size": list(small.size)}


def wait_for_any_colour(page: Page) -> None:
    """Wait until something on the map is neither land, sea nor line."""
    for _ in range(60):
        image = screen.pixels(page)
        if ((image.max(axis=2) - image.min(axis=2)) > 40).mean() > 0.003:
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"no coloured map on {page.url}")


def hold(name: str, facts: dict[str, Any], folder: Path) -> None:
    """Write what a picture shows where pictures are taken anew, else compare it."""
    if os.environ.get("HINTERLAND_SCREENSHOTS"):
        path = folder / FACTS
        known = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps(known | {name: facts}, indent=1, sort_keys=True) + "\n")
        return
    stale = differences(json.loads((COMMITTED / FACTS).read_text()).get(name), facts)
    assert not stale, f"docs/screenshots/{name} is old, renew it by make screenshots: {stale}"


def differences(committed: dict[str, Any] | None, now: dict[str, Any]) -> list[str]:
    """Return in what a committed picture differs from the app, a line each."""
    if committed is None:
        return ["it has no line in pictures.json"]
    lines = [
        f"{key}: {committed.get(key)} is now {now[key]}"
        for key in now
        if key != "size" and committed.get(key) != now[key]
    ]
    # A line more or less of text moves the height by some pixels from font to font.
    for i, (was, is_now) in enumerate(zip(committed["size"], now["size"], strict=True)):
        if abs(was - is_now) > (0 if i == 0 else 0.08 * was):
            lines.append(f"size: {committed['size']} is now {now['size']}")
    return lines


def test_an_old_picture_is_told() -> None:
    facts = {"title": "A", "headings": ["A", "B"], "figures": ["People\n12"], "size": [1440, 900]}
    assert differences(facts, facts) == []
    assert differences(None, facts)
    for key, value in [("title", "B"), ("headings", ["A"]), ("figures", ["People\n13"])]:
        assert len(differences(facts, facts | {key: value})) == 1
    assert differences(facts, facts | {"size": [1440, 960]}) == []
    assert differences(facts, facts | {"size": [1440, 1000]})
    assert differences(facts, facts | {"size": [1280, 900]})


def test_every_picture_of_the_docs_is_of_the_app_or_says_of_what() -> None:
    """None lies there that no command renews, and none that the docs show is missing."""
    known = set(json.loads((COMMITTED / FACTS).read_text()))
    taken = {f"{name}.png" for _, name in EMBEDDED + FETCHED} | {"first-minute.gif"}
    assert known == taken
    assert {path.name for path in COMMITTED.glob("*.*")} == taken | {FACTS}
    texts = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    shown = {
        name
        for text in texts
        for name in re.findall(r"screenshots/([\w.-]+)", text.read_text(encoding="utf-8"))
    }
    assert shown <= taken


@pytest.mark.parametrize(("path", "name"), EMBEDDED, ids=[name for _, name in EMBEDDED])
def test_pictures(served: str, page: Page, pictures: Path, path: str, name: str) -> None:
    hold(f"{name}.png", take(page, served + path, pictures / f"{name}.png"), pictures)


@pytest.mark.shared
@pytest.mark.parametrize(("path", "name"), FETCHED, ids=[name for _, name in FETCHED])
def test_pictures_of_fetched_data(
    served_full: str, page: Page, pictures: Path, path: str, name: str
) -> None:
    hold(f"{name}.png", take(page, served_full + path, pictures / f"{name}.png"), pictures)


class Film:
    """Frames of a visit, as one moving picture.

    Parameters
    ----------
    page : Page
        The page that is filmed, at 1200 x 800.
    """

    def __init__(self, page: Page) -> None:
        self.page, self.frames, self.titles = page, [], []
        page.set_viewport_size({"width": 1200, "height": 800})

    def frame(self) -> None:
        """Take a frame of what is on the screen."""
        shot = self.page.screenshot()
        picture = (
            Image.open(BytesIO(shot)).convert("RGB").resize((900, 600), Image.Resampling.LANCZOS)
        )
        self.frames.append(picture.quantize(128, Image.Quantize.MEDIANCUT))
        self.titles.append(self.page.title())

    def save(self, target: Path) -> None:
        """Write the frames, 1.8 s each, the last one longer."""
        long = [1800] * (len(self.frames) - 1) + [4000]
        first, *others = self.frames
        first.save(
            target, save_all=True, append_images=others, duration=long, loop=0, optimize=True
        )


def test_the_first_minute(served: str, page: Page, pictures: Path) -> None:
    """From nothing to one's region, its sheet, the map and towns alike: the moving picture."""
    film = Film(page)
    page.goto(served)
    screen.drawn(page)
    film.frame()
    page.get_by_label("Your region or town").fill("Hersfeld Rotenburg")
    expect(page.get_by_role("heading", name="Hersfeld-Rotenburg: three questions")).to_be_visible()
    screen.drawn(page)
    film.frame()
    page.locator(".hw-answer").nth(2).get_by_role("link", name="Open the sheet").click()
    expect(page.get_by_role("heading", name="Hersfeld-Rotenburg", level=1)).to_be_visible()
    screen.drawn(page)
    film.frame()
    page.goto(f"{served}/place?region=DE733")
    screen.drawn(page)
    film.frame()
    page.goto(f"{served}/regions?region=DE733")
    screen.drawn(page)
    wait_for_any_colour(page)
    film.frame()
    page.goto(f"{served}/regions?region=DE733&trend=shrinking&urban_rural=predominantly+rural")
    screen.drawn(page)
    wait_for_any_colour(page)
    film.frame()
    film.save(pictures / "first-minute.gif")
    assert (pictures / "first-minute.gif").stat().st_size < 1_500_000
    facts = {"title": film.titles[0], "headings": film.titles, "size": list(film.frames[0].size)}
    hold("first-minute.gif", facts, pictures)

"""Draw docs/assets/sizes.png: five pages on a phone, a tablet, a desk and in the dark.

``python docs/make_sizes.py HOME`` serves the databases of a home and drives Chromium. Each
picture is taken when its map is drawn; they stand side by side, a page a row.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.browser import screen
from tests.browser.conftest import ARGUMENTS, serving
from tests.browser.test_pictures import wait_for_any_colour

TARGET = Path(__file__).parent / "assets" / "sizes.png"
PAGES = (
    "regions?region=DE733",
    "place?region=DE733",
    "compare?regions=DE73,BG31",
    "remoteness",
    "small-towns?town=2951793",
)
SIZES = ((390, 844, "light"), (1024, 768, "light"), (1440, 900, "light"), (1440, 900, "dark"))
HIGH, GAP = 300, 8


def taken(page: Page, address: str) -> Image.Image:
    """Return what is on the screen once the page is drawn; on a phone, at its map."""
    page.goto(address)
    page.wait_for_selector("h1")
    screen.drawn(page)
    maps = page.locator(screen.MAP)
    if maps.count():
        maps.first.scroll_into_view_if_needed()
        wait_for_any_colour(page)
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        return picture.convert("RGB").resize((round(picture.width * HIGH / picture.height), HIGH))


def beside(pictures: list[Image.Image], *, is_down: bool = False) -> Image.Image:
    """Return pictures side by side, or one below the other."""
    long = sum(p.height if is_down else p.width for p in pictures) + GAP * (len(pictures) - 1)
    wide = max(p.width if is_down else p.height for p in pictures)
    whole = Image.new("RGB", (wide, long) if is_down else (long, wide), "white")
    at = 0
    for picture in pictures:
        whole.paste(picture, (0, at) if is_down else (at, 0))
        at += GAP + (picture.height if is_down else picture.width)
    return whole


def main(home: Path) -> None:
    """Take the pictures and write the file."""
    rows: list[list[Image.Image]] = [[] for _ in PAGES]
    with serving(home) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for width, height, scheme in SIZES:
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page = context.new_page()
            page.set_default_timeout(120_000)
            for row, path in zip(rows, PAGES, strict=True):
                row.append(taken(page, f"{address}/{path}"))
            context.close()
        browser.close()
    whole = beside([beside(row) for row in rows], is_down=True)
    whole.quantize(128, Image.Quantize.MEDIANCUT).save(TARGET, optimize=True)


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

if __name__ == "__main__":
    main(Path(sys.argv[1]))

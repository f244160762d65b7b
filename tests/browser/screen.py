"""Looking at a page: waiting for the map, its pixels, and places on it."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image
from playwright.sync_api import Page, TimeoutError

MAP = "[data-testid='stDeckGlJsonChart']"


def settle(page: Page) -> None:
    """Wait until the script has ended and the frame is quiet."""
    page.wait_for_selector("[data-testid='stApp'][data-test-script-state='notRunning']")
    page.wait_for_timeout(400)
    # What was old while the script ran fades in again: a colour on its way is none of the page.
    page.wait_for_function(
        """() => document.getAnimations().every((one) =>
            one.playState !== "running" || one.effect.getComputedTiming().endTime === Infinity)"""
    )


def drawn(page: Page) -> None:
    """Wait until the script has ended and each of its charts and maps is drawn."""
    settle(page)
    # A grey bar stands where the program of an element is still on its way.
    page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton]')")
    page.wait_for_function(
        """() => [...document.querySelectorAll("[data-testid=stVegaLiteChart]")]
            .every((chart) => chart.querySelector("svg g.role-frame, canvas.marks"))"""
    )
    if page.locator(MAP).count():
        view(page)


def pixels(page: Page, index: int = 0) -> np.ndarray:
    """Return the map as it is drawn, shape (height, width, 3)."""
    shot = page.locator(MAP).nth(index).screenshot()
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int)


def share_of(image: np.ndarray, colour: tuple[int, int, int], tolerance: int = 3) -> float:
    """Return the share of pixels of a colour."""
    return float((np.abs(image - np.array(colour)).max(axis=2) <= tolerance).mean())


def wait_for_colour(
    page: Page, colour: tuple[int, int, int], share: float = 0.002, seconds: float = 45
) -> np.ndarray:
    """Wait until a colour fills a share of the map; return the picture."""
    for _ in range(int(seconds * 2)):
        image = pixels(page)
        if share_of(image, colour) >= share:
            return image
        page.wait_for_timeout(500)
    raise AssertionError(f"colour {colour} did not reach {share:.1%} of the map")


def view(page: Page) -> tuple[float, float, float]:
    """Return the middle of the map (km, EPSG:3035) and its zoom, once it fits its size."""
    page.wait_for_selector(f"{MAP}[data-view]")
    x, y, zoom = (page.locator(MAP).first.get_attribute("data-view") or "").split()
    return float(x), float(y), float(zoom)


def spot(page: Page, x_km: float, y_km: float) -> tuple[float, float]:
    """Return where a place of the map (EPSG:3035, km) lies on the page."""
    box = page.locator(MAP).first.bounding_box()
    assert box
    x, y, zoom = view(page)
    return (
        box["x"] + box["width"] / 2 + (x_km - x) * 2**zoom,
        box["y"] + box["height"] / 2 - (y_km - y) * 2**zoom,
    )


def tooltip(page: Page, x_km: float, y_km: float) -> list[str]:
    """Point at a place of the map; return the lines of the tooltip once it has its figures."""
    for _ in range(8):
        x, y = spot(page, x_km, y_km)
        page.mouse.move(x - 3, y)
        page.mouse.move(x, y)
        try:
            page.wait_for_selector(".hinterland-tip[data-filled='yes']", timeout=5_000)
        except TimeoutError:
            continue
        return page.locator(".hinterland-tip").first.inner_text().splitlines()
    raise AssertionError(f"no tooltip at {x_km}, {y_km}")


def click_until(
    page: Page,
    place: tuple[float, float] | Callable[[], tuple[float, float]],
    words: str,
    tries: int = 4,
) -> None:
    """Click a place of the map until the address holds some words.

    deck.gl drops a click that comes while it still draws; a loaded machine draws slowly, and a map
    that moves has its places elsewhere: then ``place`` tells where they are now.
    """
    for _ in range(tries):
        x, y = place() if callable(place) else place
        page.mouse.click(x, y)
        for _ in range(40):
            if words in page.url:
                return
            page.wait_for_timeout(250)
    raise AssertionError(f"{tries} clicks at {x:.0f}, {y:.0f} did not lead to '{words}'")

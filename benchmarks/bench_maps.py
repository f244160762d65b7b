"""The first map, a changed filter and a tooltip, as a browser sees them.

``python benchmarks/bench_maps.py HOME [ROOT]`` serves ROOT (this repository by default) on the
databases of HOME and drives Chromium with software WebGL. Seconds are those of the machine as it
is; bytes are of the websocket's frames, as they are and deflated one by one.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
import zlib
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CHART = "[data-testid='stDeckGlJsonChart']"
FLAGS = "--no-sandbox --use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader".split()
RUNS = 3
#: A page, the label of a choice in its sidebar, and what is chosen.
CHANGES = (
    ("regions", "Country", "Germany"),
    ("regions", "Colour by", "Population density"),
    ("towns", "Country", "Germany"),
    ("services", "Colour by", "Sites within 30 minutes"),
    ("remoteness", "Minutes to", "a town of 20 000"),
    ("shrinking", "Country", "Germany"),
)


def first_map(browser: Browser, address: str) -> float:
    """Return the seconds until a fresh visitor's map has its regions."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    started = time.perf_counter()
    with page.expect_response(lambda answer: "/regions-3.json" in answer.url, timeout=120_000) as r:
        page.goto(address)
    r.value.finished()
    seconds = time.perf_counter() - started
    context.close()
    return seconds


def changed(browser: Browser, address: str, label: str, option: str) -> tuple[float, int, int]:
    """Return seconds until quiet, bytes received, and bytes deflated, of one changed choice."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    frames: list[bytes] = []
    last = [0.0]

    def take(data: bytes | str) -> None:
        frames.append(data if isinstance(data, bytes) else data.encode())
        last[0] = time.perf_counter()

    page.on("websocket", lambda ws: ws.on("framereceived", take))
    page.goto(address)
    page.wait_for_selector(CHART, timeout=120_000)
    _quiet(page)
    page.wait_for_timeout(3000)
    side = page.get_by_test_id("stSidebar")
    box = side.locator("[data-testid='stMultiSelect'], [data-testid='stSelectbox']")
    field = box.filter(has_text=label).locator("input").first
    field.click()
    field.fill(option)
    frames.clear()
    started = time.perf_counter()
    page.get_by_role("option", name=option).first.click()
    page.wait_for_timeout(600)
    _quiet(page)
    page.wait_for_timeout(1500)
    raw = sum(map(len, frames))
    packed = sum(len(zlib.compress(frame, 6)) for frame in frames)
    page.close()
    return last[0] - started, raw, packed


def _quiet(page: Page) -> None:
    page.wait_for_selector(
        "[data-testid='stApp'][data-test-script-state='notRunning']", timeout=120_000
    )


def tooltip(browser: Browser, address: str) -> tuple[float, int]:
    """Return seconds and bytes of the first tooltip's figures."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address)
    page.wait_for_selector(f"{CHART}[data-view]", timeout=120_000)
    page.wait_for_timeout(5000)
    box = page.locator(CHART).first.bounding_box()
    assert box
    with page.expect_response(lambda answer: "/tooltips/" in answer.url, timeout=60_000) as r:
        for step in range(40):
            page.mouse.move(
                box["x"] + box["width"] / 2 - 60 + step, box["y"] + box["height"] / 2 + step
            )
            page.wait_for_timeout(100)
    r.value.finished()
    timing = r.value.request.timing
    size = r.value.request.sizes()["responseBodySize"]
    page.close()
    return (timing["responseEnd"] - timing["requestStart"]) / 1000, size


def main(home: str, root: Path) -> None:
    """Measure and print."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"HINTERLAND_HOME": home, "PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "pipelines", "app", "--port", str(port)]
    server = subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.DEVNULL)
    address = f"http://localhost:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/health", timeout=2)  # noqa: S310
                break
            except OSError:
                time.sleep(0.2)
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            seconds = [first_map(browser, address) for _ in range(RUNS)]
            print(f"first map: median {statistics.median(seconds):.1f} s of {RUNS}", flush=True)
            for name, label, option in CHANGES:
                took, raw, packed = changed(browser, f"{address}/{name}", label, option)
                print(
                    f"{name}, {label} = {option}: {took:.1f} s, {raw / 1000:.0f} KB, "
                    f"{packed / 1000:.0f} KB deflated",
                    flush=True,
                )
            for name in (
                ("regions", "services") if (root / "pages/_ui/map_tools.js").exists() else ()
            ):
                took, size = tooltip(browser, f"{address}/{name}")
                print(f"{name}, first tooltip: {took:.2f} s, {size / 1000:.0f} KB", flush=True)
            browser.close()
    finally:
        server.terminate()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else ROOT)

"""Speed and size of the spine: build, first map, changed filter. Prints a table.

Run it on a quiet machine from the repository's root: ``python benchmarks/bench_spine.py``.
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import sync_playwright  # noqa: E402

from pages._ui.maps import rgb  # noqa: E402
from pages._ui.measures import PUOR  # noqa: E402
from pipelines.serve import queries, region_panel  # noqa: E402
from pipelines.serve.filters import RegionFilter  # noqa: E402
from pipelines.serve.store import Store  # noqa: E402
from tests.browser import screen  # noqa: E402
from tests.browser.conftest import ARGUMENTS, serving  # noqa: E402

WINDOW = {"width": 1440, "height": 1000}
COLD_STARTS = 5  # a new server and a new browser each
FILTERS = [
    RegionFilter(countries=(country,), trend=trend)
    for country in ("DE", "FR", "IT", "PL", "ES", "RO", "EL", "SE", "BG", "FI")
    for trend in (("shrinking",), ("growing",))
]


def machine() -> str:
    """Name the machine: processor, cores, memory, Python."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [li for li in info.read_text().splitlines() if li.startswith("model name")]
        model = names[0].split(":")[1].strip() if names else model
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{model}, {os.cpu_count()} cores, {pages:.0f} GiB, Python {platform.python_version()}"


def build(home: Path) -> tuple[float, float]:
    """Build once from the embedded default; return seconds and peak memory in GB."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "pipelines", "build", "--out", str(home / "build")],
        check=True,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    return time.perf_counter() - started, peak


def server_answers(home: Path) -> float:
    """Return the median milliseconds of the queries behind a changed filter."""
    store = Store.current(home / "build")
    times = []
    for selection in FILTERS:
        started = time.perf_counter()
        region_panel.regions(store, selection)
        queries.region_values(store, selection.level, "change_pct")
        region_panel.summary(store, selection)
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def reruns(home: Path) -> float:
    """Return the median milliseconds of a whole rerun of the Regions page."""
    from streamlit.testing.v1 import AppTest

    os.environ["HINTERLAND_HOME"] = str(home)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.switch_page("pages/regions.py").run()
    times = []
    for selection in FILTERS:
        app.multiselect(key="country").set_value(list(selection.countries))
        app.multiselect(key="trend").set_value(list(selection.trend))
        started = time.perf_counter()
        app.run()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def first_map(home: Path, path: str) -> tuple[float, float]:
    """Return seconds until a new server answers, then until a new browser shows its map."""
    started = time.perf_counter()
    with serving(home) as address, sync_playwright() as driver:
        up = time.perf_counter() - started
        chromium = driver.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        tab = chromium.new_page(viewport=WINDOW)
        opened = time.perf_counter()
        tab.goto(address + path)
        tab.wait_for_selector(screen.MAP)
        while screen.share_of(screen.pixels(tab), tuple(rgb(PUOR[1]))) < 0.002:
            tab.wait_for_timeout(50)
        seconds = time.perf_counter() - opened
        chromium.close()
    return up, seconds


def most_sent(home: Path) -> float:
    """Return the most kilobytes that came over the websocket for a changed filter."""
    with serving(home) as address, sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        tab = chromium.new_page(viewport=WINDOW)
        received: list[int] = []
        tab.on(
            "websocket",
            lambda ws: ws.on("framereceived", lambda data: received.append(len(data))),
        )
        tab.goto(f"{address}/regions")
        tab.wait_for_selector(screen.MAP)
        screen.settle(tab)
        field = (
            tab.get_by_test_id("stSidebar")
            .get_by_test_id("stMultiSelect")
            .filter(has_text="Country")
            .locator("input")
            .first
        )
        sent = []
        for name in ("Germany", "France", "Italy", "Poland", "Spain"):
            received.clear()
            field.fill(name)
            tab.get_by_role("option", name=name).first.click()
            screen.settle(tab)
            tab.wait_for_timeout(500)
            sent.append(sum(received))
        chromium.close()
    return max(sent) / 1000


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        seconds, peak = build(home)
        rows = [
            ("build from the embedded default", f"{seconds:.1f} s", "≤ 20 s"),
            ("peak memory of the build", f"{peak:.2f} GB", "≤ 1.5 GB"),
            (
                "queries behind a changed filter, median of 20",
                f"{server_answers(home):.0f} ms",
                "≤ 300 ms",
            ),
            ("whole rerun of Regions, median of 20", f"{reruns(home):.0f} ms", "≤ 300 ms"),
        ]
        ups = []
        for name, path in (("Overview", "/"), ("Regions", "/regions")):
            starts = [first_map(home, path) for _ in range(COLD_STARTS)]
            ups += [up for up, _ in starts]
            shown = [seconds for _, seconds in starts]
            rows.append(
                (
                    f"first map after a cold start, {name}, median of {COLD_STARTS}",
                    f"{statistics.median(shown):.1f} s ({min(shown):.1f} to {max(shown):.1f})",
                    "≤ 6 s",
                )
            )
        rows.append(
            ("the server's start before that, median", f"{statistics.median(ups):.1f} s", "")
        )
        rows.append(("most sent for a changed filter", f"{most_sent(home):.0f} KB", "≤ 50 KB"))
    print(f"{machine()}; load {os.getloadavg()[0]:.1f}\n")
    print("| what | measured | limit |\n|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()

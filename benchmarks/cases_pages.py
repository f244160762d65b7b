"""Cases of the dashboard: each page with empty caches and after a changed choice; first maps."""

from __future__ import annotations

import functools
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from registry import Case, Spent, Step

ROOT = Path(__file__).resolve().parents[1]
FLAGS = (
    "--no-sandbox --use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader "
    "--ignore-gpu-blocklist --disable-background-networking --disable-component-update "
    "--disable-sync --no-first-run"
).split()
MAP = "[data-testid='stDeckGlJsonChart']"
#: What a map of the share of the pixels must have of the second colour of the classes.
DRAWN = 0.002
COUNTRIES = tuple([code] for code in ("DE", "FR", "IT", "PL", "ES", "RO"))
#: A page, what its address holds, the kind and key of a widget, and values in turn, each new.
CHANGES: dict[str, tuple[dict[str, str], str, str, tuple[Any, ...]]] = {
    "overview": ({}, "", "", ()),
    "place": ({"region": "DE733"}, "", "", ()),
    "compare": ({"regions": "DE733,DE735"}, "", "", ()),
    "regions": ({}, "multiselect", "country", COUNTRIES),
    "shrinking": ({}, "multiselect", "country", COUNTRIES),
    "shrinking_and_thin": ({}, "multiselect", "country", COUNTRIES),
    "remoteness": ({}, "multiselect", "country", COUNTRIES),
    "services": ({}, "multiselect", "country", COUNTRIES),
    "what_if": ({}, "selectbox", "service", ("upper_centre", "middle_centre")),
    "towns": ({}, "multiselect", "country", COUNTRIES),
    "small_towns": ({}, "multiselect", "country", COUNTRIES),
    "social_places": ({}, "multiselect", "country", COUNTRIES),
    "case_studies": ({}, "multiselect", "country", COUNTRIES),
    "what_fits": ({"town": "2951793"}, "", "", ()),
    "data": ({}, "", "", ()),
    "tables": ({}, "selectbox", "table", ("towns", "regions")),
}


def opened(home: Path, page: str) -> Any:
    """Return the driver of the app on a page, without a browser."""
    from streamlit.testing.v1 import AppTest

    os.environ["HINTERLAND_HOME"] = str(home)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    for name, value in CHANGES[page][0].items():
        app.query_params[name] = value
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception, app.exception[0].message
    return app


def cold_page(home: Path, page: str) -> Step:
    """Run a page on a database that was just opened, so that nothing is remembered."""
    from pipelines.serve.store import Store

    app = opened(home, page)

    def step() -> None:
        Store._open.clear()  # the one cache of what follows from a database goes with it
        app.run()

    return step


def changed_page(home: Path, page: str) -> Step:
    """Run a page after a changed choice; where it has none to change, as a visitor reloads it."""
    _, kind, key, values = CHANGES[page]
    app, turn = opened(home, page), iter(range(1000))

    def step() -> None:
        if key:
            getattr(app, kind)(key=key).set_value(values[next(turn) % len(values)])
        app.run()
        assert not app.exception, app.exception[0].message

    return step


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(command: list[str], port: int, health: str, more: dict[str, str]) -> Iterator[str]:
    """Start a server; give its address once it answers, end it afterwards."""
    environment = os.environ | more
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=quiet, stderr=quiet)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(address + health, timeout=2)  # noqa: S310 - this machine
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


def dashboard(home: Path) -> Any:
    """Serve the dashboard."""
    port = free_port()
    command = [sys.executable, "-m", "pipelines", "app", "--port", str(port), "--host", "127.0.0.1"]
    return served(command, port, "/health", {"HINTERLAND_HOME": str(home)})


def coloured(home: Path) -> Path:
    """Write the outlines of NUTS 3 with a colour each, as the maps class them; once a run."""
    from pages._ui.maps import rgb
    from pages._ui.measures import PUOR
    from pipelines.serve.export import export_file, read_mart
    from pipelines.serve.store import Store

    path = home / "coloured.geojson"
    if path.is_file():
        return path
    store = Store.current(home / "build")
    export_file(store, "regions", home / "three.geojson", read_mart(store, "regions", level=3))
    content = json.loads((home / "three.geojson").read_text("utf-8"))
    for feature in content["features"]:
        change = feature["properties"].get("annual_change_pct")
        place = 2 if change is None else int(min(max((change + 1.25) / 0.5, 0), 4))
        feature["properties"] = {"fill": list(rgb(PUOR[place]))}
    path.write_text(json.dumps(content), "utf-8")
    return path


def bare_pydeck(home: Path) -> Any:
    """Serve a bare Streamlit page with the same outlines."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "benchmarks/bare_page.py"]
    command += ["--server.port", str(port), "--server.headless", "true"]
    command += ["--browser.gatherUsageStats", "false", "--server.address", "127.0.0.1"]
    return served(command, port, "/_stcore/health", {"OUTLINES": str(coloured(home))})


@contextmanager
def static_page(home: Path) -> Iterator[str]:
    """Serve one HTML file with deck.gl and the same outlines in it."""
    from bare_page import deck

    folder = home / "static"
    folder.mkdir(exist_ok=True)
    html = deck(str(coloured(home))).to_html(as_string=True, offline=True)
    (folder / "index.html").write_text(html, "utf-8")
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    handler = functools.partial(quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()


def first_map(home: Path, serve: Any, path: str = "", where: str = MAP) -> Step:
    """Measure from a fresh browser's visit of a fresh server until the classes are on its map."""
    from playwright.sync_api import sync_playwright

    from pages._ui.maps import rgb
    from pages._ui.measures import PUOR
    from tests.browser import screen

    screen.MAP = where
    # The lightest classes are too near to the ground to tell.
    colours = [tuple(rgb(PUOR[place])) for place in (0, 1, -2, -1)]

    def step() -> Spent:
        with serve(home) as address, sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            tab = browser.new_page(viewport={"width": 1440, "height": 1000})
            started, used = time.perf_counter(), _processor()
            tab.goto(address + path)
            tab.wait_for_selector(where, timeout=120_000)
            while max(screen.share_of(screen.pixels(tab), c) for c in colours) < DRAWN:
                tab.wait_for_timeout(50)
            wall = time.perf_counter() - started
            spent = Spent(wall, _processor() - used, _largest())
            browser.close()
        return spent

    return step


def _family() -> list[psutil.Process]:
    own = psutil.Process()
    return [own, *own.children(recursive=True)]


def _processor() -> float:
    """Return the CPU seconds of this process, the server and the browser."""
    total = 0.0
    for process in _family():
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system
    return total


def _largest() -> float:
    """Return the memory of the server's process, MB; the browser's is not ours."""
    sizes = [0.0]
    for process in psutil.Process().children():
        try:
            if "python" in process.name():
                sizes.append(process.memory_info().rss / 1e6)
        except psutil.Error:
            continue
    return max(sizes)


def _pages() -> list[Case]:
    made = []
    for page in CHANGES:
        title = page.replace("_", " ").capitalize()
        act = "a changed choice" if CHANGES[page][2] else "run again"
        name = f"page_{page}"
        made += [
            Case(f"{name}_cold", f"{title}, caches empty", partial(cold_page, page=page)),
            Case(
                name,
                f"{title}, {act}",
                partial(changed_page, page=page),
                aim="≤ 0.3 s",
                most={"wall": 0.3},
            ),
        ]
    return made


_regions = partial(first_map, serve=dashboard, path="/regions")
_bare = partial(first_map, serve=bare_pydeck)
_static = partial(first_map, serve=static_page, where="#deck-container canvas")
_BROWSER = ("playwright",)
CASES = (
    *_pages(),
    Case(
        "map_overview",
        "first map: Overview",
        partial(first_map, serve=dashboard),
        packages=_BROWSER,
        aim="≤ 4 s",
        most={"wall": 4},
    ),
    Case(
        "map_regions",
        "first map: Regions",
        _regions,
        packages=_BROWSER,
        aim="≤ 4 s",
        most={"wall": 4},
    ),
    Case(
        "map_regions/pydeck",
        "bare Streamlit page with pydeck, the same outlines",
        _bare,
        "map_regions",
        _BROWSER,
    ),
    Case(
        "map_regions/static",
        "static page with deck.gl, the same outlines",
        _static,
        "map_regions",
        _BROWSER,
    ),
)

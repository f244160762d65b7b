"""A served dashboard and a Chromium with software WebGL."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.where import ROOT

ARGUMENTS = (
    "--no-sandbox --use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader "
    "--ignore-gpu-blocklist --disable-background-networking --disable-component-update "
    "--disable-sync --no-first-run --disable-quic"
).split()

# A loaded machine draws slowly; what is tested is what appears, not how soon.
expect.set_options(timeout=60_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """Serve the dashboard of a HINTERLAND_HOME; give its address."""
    port = free_port()
    command = [sys.executable, "-m", "pipelines", "app", "--port", str(port), "--host", "127.0.0.1"]
    environment = os.environ | {"HINTERLAND_HOME": str(home)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}/health", timeout=2)  # noqa: S310
                break
            except OSError:
                time.sleep(0.25)
        else:
            raise RuntimeError("the dashboard did not start within a minute")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def served(built_home: Path) -> Iterator[str]:
    """Return the address of the dashboard on the embedded default."""
    with serving(built_home) as address:
        yield address


@pytest.fixture(scope="session")
def served_full(full_home: Path) -> Iterator[str]:
    """Return the address of the dashboard on the publishers' files."""
    with serving(full_home) as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return a Chromium, or fail: without one the pages are not proven."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "Chromium is missing: run 'make test', or install the package chromium"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def on_the_wire(data: bytes | str) -> int:
    """Return how many bytes a frame takes: the server deflates each (permessage-deflate)."""
    return len(zlib.compress(data.encode() if isinstance(data, str) else data))


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Return a fresh page that remembers each request and what came over the websocket."""
    context = chromium.new_context(viewport={"width": 1440, "height": 1000})
    tab = context.new_page()
    tab.requests = []  # type: ignore[attr-defined]
    tab.received = []  # type: ignore[attr-defined]
    tab.on("request", lambda r: tab.requests.append(r.url))
    tab.on(
        "websocket",
        lambda ws: ws.on("framereceived", lambda data: tab.received.append(on_the_wire(data))),
    )
    tab.set_default_timeout(60_000)
    yield tab
    context.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder for screenshots: ``HINTERLAND_SCREENSHOTS`` or a temporary one."""
    stated = os.environ.get("HINTERLAND_SCREENSHOTS")
    folder = Path(stated) if stated else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder

"""What the dashboard costs its server: first maps, sheets, changed choices, and many visitors.

``python benchmarks/load.py HOME [ROOT] [--visitors N] [--seconds S]`` serves ROOT (this repository
by default) on the databases of HOME and prints a table. Visits speak the protocol of the pages over
a websocket as a browser does, without one: seconds are those from an act to the end of the server's
run, bytes those of the frames, deflated as they travel. Seconds of the processor are measured
beside, for a machine that does other things too. The first map alone is drawn by Chromium.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

ROOT = Path(__file__).resolve().parents[1]
FLAGS = "--no-sandbox --use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader".split()
#: A page, its address, and a choice: the key of its widget and two values in turn.
CHOICES: tuple[tuple[str, str, str, tuple[object, object]], ...] = (
    ("", "", "who", ("analyst or journalist", "researcher or student")),
    ("place", "region=DE733", "", ("", "")),
    ("regions", "", "country", (["Germany"], ["France"])),
    ("shrinking", "", "country", (["Germany"], ["France"])),
    ("shrinking-and-thin", "", "country", (["Germany"], ["France"])),
    ("remoteness", "", "country", (["Germany"], ["France"])),
    ("services", "", "country", (["Germany"], ["France"])),
    ("what-if", "", "service", ("Middle centre", "Upper centre")),
    ("towns", "", "country", (["Germany"], ["France"])),
    ("small-towns", "", "country", (["Germany"], ["France"])),
    ("social-places", "", "country", (["Germany"], ["Italy"])),
    ("case-studies", "", "country", (["Germany"], ["Italy"])),
    ("what-fits", "town=2951793", "number", ("25", "50")),
    ("data", "", "", ("", "")),
    ("tables", "", "table", ("towns", "regions")),
)
RUNS, THINK = 5, (1.0, 3.0)
_WIDGETS = ("multiselect", "selectbox")
_WAIT = 120.0


@dataclass
class Answer:
    """What came of one run: seconds until its end, bytes of its frames, deflated."""

    seconds: float
    size: int


@dataclass
class Visit:
    """One visitor's connection, which remembers the widgets of its page."""

    address: str
    widgets: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    script: str = ""
    socket: websockets.ClientConnection | None = None
    packer: zlib._Compress = field(default_factory=lambda: zlib.compressobj(6, zlib.DEFLATED, -15))

    async def __aenter__(self) -> Visit:
        url = self.address.replace("http", "ws", 1) + "/_stcore/stream"
        self.socket = await websockets.connect(
            url, max_size=None, subprotocols=[websockets.Subprotocol("streamlit")]
        )
        return self

    async def __aexit__(self, *_error: object) -> None:
        assert self.socket
        await self.socket.close()

    async def open(self, page: str, query: str) -> Answer:
        """Open a page by its address."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = page
        return await self._run(message)

    async def choose(self, query: str, key: str, value: object) -> Answer:
        """Choose something in the widget of a key; without a key the page runs again."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_script_hash = self.script
        if key:
            assert key in self.widgets, f"no widget '{key}', but {sorted(self.widgets)}"
            identifier, options = self.widgets[key]
            state = WidgetState(id=identifier)
            if isinstance(value, list):
                state.string_array_value.data.extend(value)
            else:
                assert value in options, f"{key}: '{value}' is none of {options[:5]}"
                state.string_value = str(value)
            message.rerun_script.widget_states.widgets.append(state)
        return await self._run(message)

    async def _run(self, message: BackMsg) -> Answer:
        assert self.socket
        started, size = time.perf_counter(), 0
        await self.socket.send(message.SerializeToString())
        while True:
            frame = await asyncio.wait_for(self.socket.recv(), _WAIT)
            assert isinstance(frame, bytes)
            size += len(self.packer.compress(frame) + self.packer.flush(zlib.Z_SYNC_FLUSH))
            answer = ForwardMsg.FromString(frame)
            self._note(answer)
            if answer.WhichOneof("type") == "script_finished":
                return Answer(time.perf_counter() - started, size)

    def _note(self, answer: ForwardMsg) -> None:
        if answer.WhichOneof("type") == "navigation":
            self.script = answer.navigation.page_script_hash
        if answer.WhichOneof("type") != "delta":
            return
        element = answer.delta.new_element
        kind = element.WhichOneof("type")
        assert kind != "exception", element.exception.message
        if kind in _WIDGETS:
            made = getattr(element, kind)
            if found := re.search(r"-([A-Za-z_]+)$", made.id):
                self.widgets[found[1]] = (made.id, list(made.options))


def first_map(address: str, runs: int = RUNS) -> list[float]:
    """Return the seconds until each of some fresh browsers' maps has its regions."""
    from playwright.sync_api import sync_playwright

    taken = []
    with sync_playwright() as driver:
        for _ in range(runs):
            browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            started = time.perf_counter()
            with page.expect_response(lambda a: "/regions-3.json" in a.url, timeout=120_000) as r:
                page.goto(address)
            r.value.finished()
            page.wait_for_selector("[data-testid='stDeckGlJsonChart'][data-view]", timeout=120_000)
            taken.append(time.perf_counter() - started)
            browser.close()
    return taken


async def pages(address: str, server: psutil.Process) -> None:
    """Print for each page what opening it and a changed choice cost."""
    print("\n| page | opened, s | changed choice, ms | its processor, ms | sent, KB |")
    print("|---|---|---|---|---|")
    for page, query, key, values in CHOICES:
        async with Visit(address) as visit:
            opened = await visit.open(page, query)
            runs, used = [], _processor(server)
            for turn in range(RUNS + 1):
                runs.append(await visit.choose(query, key, values[turn % 2]))
            cost = (_processor(server) - used) / len(runs)
            middle = statistics.median(run.seconds for run in runs[1:])
            most = max(run.size for run in runs)
            print(
                f"| {page or 'overview'} | {opened.seconds:.2f} | {middle * 1000:.0f} "
                f"| {cost * 1000:.0f} | {most / 1000:.0f} |",
                flush=True,
            )


async def crowd(address: str, server: psutil.Process, number: int, seconds: float) -> None:
    """Print what many visitors at once wait for, and what memory each further one takes."""
    used = _processor(server)
    waits: list[float] = []
    ended: list[int] = []
    is_over = asyncio.Event()
    until = time.monotonic() + seconds

    async def visitor(seed: int) -> None:
        dice = random.Random(seed)
        page, query, key, values = CHOICES[seed % len(CHOICES)]
        async with Visit(address) as visit:
            await visit.open(page, query)
            turn = 0
            while time.monotonic() < until or not turn:
                await asyncio.sleep(dice.uniform(*THINK))
                waits.append((await visit.choose(query, key, values[turn % 2])).seconds)
                turn += 1
            ended.append(seed)
            await is_over.wait()

    crowded = [asyncio.create_task(visitor(seed)) for seed in range(number)]
    while len(ended) < number and not any(task.done() for task in crowded):
        await asyncio.sleep(0.1)
    spent = _processor(server) - used
    cuts = statistics.quantiles(waits, n=20)
    grown = await _further(address, server, number)
    is_over.set()
    await asyncio.gather(*crowded)
    print(f"\n| {number} visitors at once, {len(waits)} acts | |\n|---|---|")
    print(f"| median | {statistics.median(waits) * 1000:.0f} ms |")
    print(f"| 95th percentile | {cuts[18] * 1000:.0f} ms |")
    print(f"| processor for an act | {spent / len(waits) * 1000:.0f} ms |")
    print(f"| memory of a further visitor | {grown:.1f} MB |", flush=True)


async def _further(address: str, server: psutil.Process, number: int) -> float:
    """Return the MB that each of as many further visitors takes while the first are connected."""
    before, visits = server.memory_info().rss, []
    for seed in range(number):
        page, query, key, values = CHOICES[seed % len(CHOICES)]
        visit = await Visit(address).__aenter__()
        await visit.open(page, query)
        await visit.choose(query, key, values[0])
        visits.append(visit)
    grown = (server.memory_info().rss - before) / 1e6 / number
    for visit in visits:
        await visit.__aexit__()
    return grown


@contextmanager
def serving(
    home: Path, root: Path = ROOT, log: IO[bytes] | None = None
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve a repository on the databases of a home; give the address and the server's process.

    Parameters
    ----------
    home : Path
        The HINTERLAND_HOME.
    root : Path
        The repository.
    log : file, optional
        Takes what the server writes.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"HINTERLAND_HOME": str(home), "PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "pipelines", "app", "--port", str(port)]
    server = subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdout=log or subprocess.DEVNULL,
        stderr=subprocess.STDOUT if log else None,
    )
    address = f"http://localhost:{port}"
    try:
        for _ in range(600):
            assert server.poll() is None, "the server did not start"
            try:
                urllib.request.urlopen(f"{address}/health", timeout=2)  # noqa: S310
                break
            except OSError:
                time.sleep(0.2)
        yield address, server
    finally:
        server.terminate()
        server.wait(30)


def _processor(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home")
    parser.add_argument("root", nargs="?", type=Path, default=ROOT)
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--no-browser", action="store_true")
    given = parser.parse_args()
    with serving(Path(given.home), given.root) as (address, server):
        process = psutil.Process(server.pid)
        print(f"load of the machine before: {os.getloadavg()[0]:.1f}", flush=True)
        if not given.no_browser:
            taken = first_map(address)
            print(
                f"first map: median {statistics.median(taken):.1f} s of {len(taken)} "
                f"({min(taken):.1f} to {max(taken):.1f})",
                flush=True,
            )
        asyncio.run(pages(address, process))
        asyncio.run(crowd(address, process, given.visitors, given.seconds))


if __name__ == "__main__":
    main()

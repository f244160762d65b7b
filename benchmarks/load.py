"""What the dashboard costs its server: first maps, sheets, changed choices, and many visitors.

``python benchmarks/load.py HOME [ROOT] [--workers N] [--visitors N] [--seconds S] [--write]``
serves ROOT (this repository by default) on the databases of HOME and prints tables; ``--write``
keeps them in ``load.json`` and renews those of the README. ``--first`` has server and visitors
come before other work of a machine that is never quiet (needs root; the first map is left out,
for a browser is a session of its own).
Visits speak the protocol of the pages over a websocket as a browser does, cookie and all, without
one: seconds are those from an act to the end of the server's run, bytes those of the frames,
deflated as they travel. A choice is drawn anew for each act from all that the page offers, so that
what is kept for the next visitor helps no more than it does in earnest. Seconds of the processor,
of all processes of the server, are measured beside; how much other work took is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import json
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
from typing import IO, Any

import numpy as np
import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from table import busy, commit  # noqa: E402

FLAGS = "--no-sandbox --use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader".split()
#: A page, its address, the key of a choice, and a dial with the ends of what is tried.
#: With an empty key the page runs again.
PAGES: tuple[tuple[str, str, str, tuple[str, float, float] | None], ...] = (
    ("", "", "who", None),
    ("place", "region=DE733", "", None),
    ("compare", "regions=DE733,FRK25", "", None),
    ("regions", "", "country", ("trend_stable_annual_pct", 0.1, 0.9)),
    ("shrinking", "", "country", ("shrinking_severe_annual_pct", -2.0, -0.6)),
    ("shrinking-and-thin", "", "country", ("thin_desert_share", 0.2, 0.9)),
    ("remoteness", "", "country", ("cut_intermediate", 10.0, 35.0)),
    ("services", "", "country", ("minutes", 10, 60)),
    ("what-if", "", "service", None),
    ("towns", "", "country", None),
    ("small-towns", "", "country", None),
    ("social-places", "", "country", None),
    ("case-studies", "", "country", None),
    ("what-fits", "town=2951793", "number", None),
    ("data", "", "table", None),
    ("tables", "", "table", None),
)
RUNS, THINK = 7, (1.0, 3.0)
#: So many further visits, one after the other, whose memory is measured.
FURTHER = (1, 5, 10, 20)
#: What this project aims at (issue 14): milliseconds, and MB of a further session.
MEDIAN, LATE, SESSION, CHANGED, SENT = 400, 1500, 25, 300, 50
#: Seconds until a sheet stands, and MB of a first visit.
SHEET, FIRST = 1.5, 2.8
RESULTS = ROOT / "benchmarks" / "load.json"
_WIDGETS = ("multiselect", "selectbox", "slider", "number_input", "text_input")
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
    widgets: dict[str, tuple[str, str, Any]] = field(default_factory=dict)
    script: str = ""
    socket: websockets.ClientConnection | None = None
    packer: zlib._Compress = field(default_factory=lambda: zlib.compressobj(6, zlib.DEFLATED, -15))

    async def __aenter__(self) -> Visit:
        url = self.address.replace("http", "ws", 1) + "/_stcore/stream"
        cookie = await asyncio.to_thread(_cookie, self.address)
        self.socket = await websockets.connect(
            url,
            max_size=None,
            subprotocols=[websockets.Subprotocol("streamlit")],
            additional_headers={"Cookie": cookie} if cookie else None,
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

    async def choose(self, query: str, key: str, dice: random.Random) -> Answer:
        """Choose one of the options of the widget of a key; without a key the page runs again."""
        message = self._message(query)
        if key:
            kind, identifier, made = self._widget(key)
            state = WidgetState(id=identifier)
            if kind == "multiselect":
                state.string_array_value.data.append(dice.choice(list(made.options)))
            else:
                state.string_value = dice.choice(list(made.options))
            message.rerun_script.widget_states.widgets.append(state)
        return await self._run(message)

    async def turn(self, query: str, key: str, value: float) -> Answer:
        """Turn a dial."""
        message = self._message(query)
        kind, identifier, _made = self._widget(key)
        state = WidgetState(id=identifier)
        if kind == "slider":
            state.double_array_value.data.append(value)
        elif kind == "text_input":
            state.string_value = f"{value:g}"
        else:
            state.double_value = value
        message.rerun_script.widget_states.widgets.append(state)
        return await self._run(message)

    def _message(self, query: str) -> BackMsg:
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_script_hash = self.script
        return message

    def _widget(self, key: str) -> tuple[str, str, Any]:
        assert key in self.widgets, f"no widget '{key}', but {sorted(self.widgets)}"
        return self.widgets[key]

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
            # A page that writes its address anew runs a second time: that one counts, too.
            if answer.WhichOneof("type") == "script_finished" and answer.script_finished != (
                ForwardMsg.FINISHED_EARLY_FOR_RERUN
            ):
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
            if found := re.search(r"-([A-Za-z_0-9]+)$", made.id):
                self.widgets[found[1]] = (kind, made.id, made)


def _cookie(address: str) -> str:
    """Return the cookie that a page gives a new visitor, empty where it gives none."""
    request = urllib.request.Request(address, headers={"Accept": "text/html"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=_WAIT) as page:  # noqa: S310
        return str(page.headers.get("Set-Cookie", "")).partition(";")[0]


@dataclass
class Server:
    """The served dashboard: its address and all of its processes."""

    address: str
    process: psutil.Process

    def all(self) -> list[psutil.Process]:
        """Return the processes."""
        return [self.process, *self.process.children(recursive=True)]

    def processor(self) -> float:
        """Return the seconds of the processor so far."""
        times = [process.cpu_times() for process in self.all()]
        return float(sum(t.user + t.system for t in times))

    def memory(self) -> float:
        """Return the resident memory, MB."""
        return sum(process.memory_info().rss for process in self.all()) / 1e6


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


def first_visit(address: str) -> int:
    """Return the bytes that a browser with an empty store takes until the first map stands."""
    from playwright.sync_api import sync_playwright

    taken: list[float] = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        line = page.context.new_cdp_session(page)
        line.on("Network.loadingFinished", lambda e: taken.append(e["encodedDataLength"]))
        line.send("Network.enable")
        page.goto(address)
        page.wait_for_selector("[data-testid='stDeckGlJsonChart'][data-view]", timeout=120_000)
        page.wait_for_load_state("networkidle")
        browser.close()
    return round(sum(taken))


async def pages(server: Server) -> list[dict[str, Any]]:
    """Return for each page what opening it and a changed choice or dial cost."""
    costs = []
    dice = random.Random(7)
    for page, query, key, dial in PAGES:
        async with Visit(server.address) as visit:
            opened = await visit.open(page, query)
            cost: dict[str, Any] = {"page": page or "overview", "opened_s": opened.seconds}
            cost["opened_kb"] = opened.size / 1000
            cost["choice"] = await _acts(server, [lambda: visit.choose(query, key, dice)] * RUNS)  # noqa: B023
            if dial:
                name, low, high = dial
                values = [dice.uniform(low, high) for _ in range(RUNS)]
                turns = [
                    lambda v=v: visit.turn(query, name, round(v, 2) if high < 5 else round(v))  # noqa: B023
                    for v in values
                ]
                cost["dial"] = await _acts(server, turns)
        costs.append(cost)
        print(page_row(cost), file=sys.stderr, flush=True)
    return costs


async def _acts(server: Server, acts: list[Any]) -> dict[str, float]:
    """Return median milliseconds, the processor's, and most KB of some acts but the first."""
    await acts[0]()
    used, runs = server.processor(), [await act() for act in acts[1:]]
    cost = (server.processor() - used) / len(runs)
    middle = statistics.median(run.seconds for run in runs)
    most = max(run.size for run in runs)
    return {"ms": middle * 1000, "processor_ms": cost * 1000, "kb": most / 1000}


def page_row(cost: dict[str, Any]) -> str:
    """Word what a page costs as a row of a table."""
    cells = [cost["page"], f"{cost['opened_s']:.2f} ({cost['opened_kb']:.0f})"]
    for act in (cost["choice"], cost.get("dial")):
        cells += [f"{act[name]:.0f}" if act else "" for name in ("ms", "processor_ms", "kb")]
    return f"| {' | '.join(cells)} |"


async def crowd(server: Server, number: int, seconds: float) -> dict[str, float]:
    """Return what many visitors at once wait for, and what memory each further one takes.

    Memory is measured first: a crowd leaves room in the heap that later visits would fill unseen.
    """
    waits: list[float] = []
    slope, first = await _further(server)
    used, own, all_used = server.processor(), time.process_time(), busy()
    began = time.monotonic()
    until = began + seconds

    async def visitor(seed: int) -> None:
        dice = random.Random(seed)
        page, query, key, dial = PAGES[seed % len(PAGES)]
        await asyncio.sleep(dice.uniform(0, THINK[1]))
        async with Visit(server.address) as visit:
            await visit.open(page, query)
            while time.monotonic() < until:
                await asyncio.sleep(dice.uniform(*THINK))
                if dial and dice.random() < 0.3:
                    value = round(dice.uniform(*dial[1:]), 1)
                    act = visit.turn(query, dial[0], value)
                else:
                    act = visit.choose(query, key, dice)
                waits.append((await act).seconds)

    await asyncio.gather(*(visitor(seed) for seed in range(number)))
    lasted = time.monotonic() - began
    spent, own = server.processor() - used, time.process_time() - own
    others = (busy() - all_used - spent - own) / lasted
    cuts = statistics.quantiles(waits, n=20)
    return {
        "visitors": number,
        "acts": len(waits),
        "median_ms": statistics.median(waits) * 1000,
        "late_ms": cuts[18] * 1000,
        "processor_ms": spent / len(waits) * 1000,
        "cores": os.cpu_count() or 1,
        "share": spent / lasted,
        "others": others + own / lasted,
        "session_mb": slope,
        "memory_mb": first,
    }


def rows(result: dict[str, Any]) -> list[str]:
    """Word a result as the tables of the README."""
    told = f"Measured {result['date']}, commit {result['commit']}, with {result['workers']} "
    lines = [f"{told}process(es), load of the machine {result['load']:.1f}.", ""]
    if pages := result.get("pages"):
        lines += [
            "| page | opened, s (KB) | filter: ms | processor | KB | dial: ms | processor | KB |",
            "|---|---|---|---|---|---|---|---|",
            *(page_row(cost) for cost in pages),
            "",
        ]
    many = result["crowd"]
    return [
        *lines,
        f"| {many['visitors']} visitors at once, {many['acts']} acts | | aim |",
        "|---|---|---|",
        f"| median | {many['median_ms']:.0f} ms | <= {MEDIAN} ms |",
        f"| 95th percentile | {many['late_ms']:.0f} ms | <= {LATE} ms |",
        f"| processor for an act | {many['processor_ms']:.0f} ms | |",
        f"| the server's share of {many['cores']} cores | {many['share']:.2f} | |",
        f"| other work meanwhile, with the visitors' own | {many['others']:.2f} cores | |",
        f"| memory of a further session | {many['session_mb']:.1f} MB | <= {SESSION} MB |",
        f"| memory with one further session | {many['memory_mb']:.0f} MB | |",
    ]


async def _further(server: Server) -> tuple[float, float]:
    """Return the MB that each further session takes (slope over 1 to 20), and those with one.

    What all visitors share is made before, by one visit after the other.
    """
    dice, visits, grown = random.Random(3), [], []
    for page, query, key, _dial in PAGES:
        async with Visit(server.address) as visit:
            await visit.open(page, query)
            await visit.choose(query, key, dice)
    for count in FURTHER:
        while len(visits) < count:
            page, query, key, _dial = PAGES[len(visits) % len(PAGES)]
            visit = await Visit(server.address).__aenter__()
            await visit.open(page, query)
            await visit.choose(query, key, dice)
            visits.append(visit)
        grown.append(server.memory())
    for visit in visits:
        await visit.__aexit__()
    return float(np.polyfit(FURTHER, grown, 1)[0]), grown[0]


@contextmanager
def serving(
    home: str | Path, root: Path = ROOT, workers: int = 1, log: IO[bytes] | None = None
) -> Iterator[Server]:
    """Serve a repository on the databases of a home; ``log`` takes what the server writes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"HINTERLAND_HOME": str(home), "PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "pipelines", "app", "--port", str(port)]
    command += ["--workers", str(workers)] if workers > 1 else []
    process = subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdout=log or subprocess.DEVNULL,
        stderr=subprocess.STDOUT if log else None,
    )
    try:
        for _ in range(600):
            assert process.poll() is None, "the server did not start"
            try:
                with urllib.request.urlopen(f"http://localhost:{port}/health", timeout=5) as answer:
                    if b"degraded" not in answer.read():
                        break
            except OSError:
                pass
            time.sleep(0.2)
        yield Server(f"http://localhost:{port}", psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home")
    parser.add_argument("root", nargs="?", type=Path, default=ROOT)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--no-pages", action="store_true")
    parser.add_argument("--first", action="store_true", help="come before all other work")
    parser.add_argument("--write", action="store_true", help="renew the tables of the README")
    given = parser.parse_args()
    if given.first:
        # Linux shares a processor among sessions first: being nice counts within one alone.
        Path("/proc/self/autogroup").write_text("-20")
    result: dict[str, Any] = {
        "date": str(datetime.date.today()),
        "commit": commit(),
        "workers": given.workers,
        "load": os.getloadavg()[0],
    }
    with serving(given.home, given.root, given.workers) as server:
        if not (given.no_browser or given.first):  # a browser makes sessions of its own
            result["first_map_s"] = first_map(server.address)
            result["first_visit_bytes"] = first_visit(server.address)
            middle = statistics.median(result["first_map_s"])
            print(f"First map: median {middle:.1f} s; {result['first_visit_bytes']:,} bytes.")
        if not given.no_pages:
            result["pages"] = asyncio.run(pages(server))
        result["crowd"] = asyncio.run(crowd(server, given.visitors, given.seconds))
    print("\n".join(rows(result)))
    if given.write:
        RESULTS.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
        import written

        written.main()


if __name__ == "__main__":
    main()

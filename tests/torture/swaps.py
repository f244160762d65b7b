"""Databases published under readers: threads, pages, visitors by websocket and a browser."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import random
import shutil
import threading
import time
import urllib.request
import weakref
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.load import Visit, serving
from pipelines.core.errors import HinterlandError
from pipelines.core.pointer import read_pointer
from pipelines.runner import publish
from pipelines.serve.store import Store
from tests.torture import small
from tests.torture.rows import Bench, Row
from tests.where import ROOT

READERS = 8
#: Seconds between two databases: a build takes longer, and two versions of the maps are held.
SWAP_EVERY = 6.0
BROWSER_SECONDS = 300


def under_threads(bench: Bench) -> list[Row]:
    """Publish databases while threads read: each answer is of one database, never an older one."""
    swaps = bench.times(50, 500)
    row = Row(f"databases published under {READERS} reading threads", swaps=swaps)
    folder = bench.folder("swaps")
    small.put(folder, small.draft(folder, 0))
    is_over = threading.Event()
    counts: Counter[str] = Counter()

    def read() -> None:
        last = 0
        while not is_over.is_set():
            try:
                store = Store.current(folder)
                first = store.column("select number from marts.regions")
                second = store.column("select number from marts.towns")
            except HinterlandError:
                counts["refused"] += 1
                continue
            except Exception:
                counts["tracebacks"] += 1
                continue
            counts["tried"] += 1
            numbers = {*first, *second}
            whole = len(first) == len(second) == small.ROWS and len(numbers) == 1
            counts["wrong"] += not whole or numbers.pop() < last
            last = first[0]

    threads = [threading.Thread(target=read) for _ in range(READERS)]
    for thread in threads:
        thread.start()
    for number in range(1, swaps + 1):
        small.put(folder, small.draft(folder, number))
    is_over.set()
    for thread in threads:
        thread.join()
    last = Store.current(folder).column("select max(number) from marts.towns")
    row.tried, row.refused = counts["tried"], counts["refused"]
    row.wrong, row.tracebacks = counts["wrong"], counts["tracebacks"]
    row.lost = int(last != [swaps]) + counts["refused"]
    return [row]


def publish_again(folder: Path) -> None:
    """Publish the same rows under a new name."""
    pointer, stamp = read_pointer(folder), datetime.now(UTC)
    name = f"mart-{pointer.hash}-{stamp:%Y%m%dT%H%M%S%f}.duckdb"
    old, new = Path(pointer.file).stem, Path(name).stem
    os.link(folder / pointer.file, folder / ".draft-again.duckdb")
    shutil.copytree(folder / f"{old}.maps", folder / f"{new}.maps", copy_function=os.link)
    files = {key.replace(old, new): value for key, value in pointer.files.items()}
    built = stamp.isoformat(timespec="seconds")
    again = replace(pointer, file=name, built_at=built, files=files)
    publish.publish(folder / ".draft-again.duckdb", folder, again)


#: Milliseconds after which a page without its map counts as lost, and seconds after which a
#: browser that was killed under the trial is no longer waited for.
LATEST, BROWSER_ENDS = 240_000, 300


def under_pages(bench: Bench) -> list[Row]:
    """Publish databases between visits: what is no longer served is let go of."""
    from streamlit.testing.v1 import AppTest

    row = Row("databases published between visits, those still held")
    home = bench.own_home("pages")
    before = os.environ.get("HINTERLAND_HOME")
    os.environ["HINTERLAND_HOME"] = str(home)
    held: list[weakref.ref[Store]] = []
    try:
        for _ in range(bench.times(4, 12)):
            for page in ("regions", "services")[: bench.times(1, 2)]:
                app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
                app.switch_page(f"pages/{page}.py").run()
                row.tried += 1
                row.tracebacks += bool(app.exception)
                del app
            held.append(weakref.ref(Store.current()))
            publish_again(home / "build")
            row.swaps += 1
        gc.collect()
        # The newest that was read, and the one before whose tooltips a browser may still fetch.
        row.lost += max(0, sum(store() is not None for store in held) - publish.HELD_VERSIONS)
    finally:
        if before is None:
            del os.environ["HINTERLAND_HOME"]
        else:
            os.environ["HINTERLAND_HOME"] = before
    return [row]


def under_a_server(bench: Bench) -> list[Row]:
    """Publish databases under a server with visitors and, where there is one, a browser."""
    row = Row("databases published under a server, 3 visitors and a browser")
    if not bench.is_long:
        return []
    home = bench.own_home("served")
    log = home / "server.log"
    with log.open("wb") as stream, serving(home, log=stream) as server:
        browser = threading.Thread(target=_browse, args=(server.address, home, row), daemon=True)
        row.note = "" if shutil.which("chromium") else "no browser: chromium is not there"
        if not row.note:
            browser.start()
        asyncio.run(_visits(server.address, home, row))
        if not row.note:
            browser.join(BROWSER_ENDS)
            row.note = "the browser did not end" if browser.is_alive() else ""
    row.tracebacks += log.read_text("utf-8", "replace").count("Traceback")
    return [row]


async def _visits(address: str, home: Path, row: Row) -> None:
    """Publish 50 times while visitors choose and read a table."""
    known = await asyncio.to_thread(_table, address)
    is_over = asyncio.Event()

    async def visitor(seed: int) -> None:
        dice = random.Random(seed)
        while not is_over.is_set():
            try:
                async with Visit(address) as visit:
                    await visit.open("regions", "")
                    for _ in range(4):
                        await visit.choose("", "country", dice)
                        row.tried += 1
                row.wrong += await asyncio.to_thread(_table, address) != known
            except (OSError, AssertionError, TimeoutError) as error:
                row.lost += 1
                print(f"visitor {seed}: {type(error).__name__}: {str(error)[:300]}", flush=True)

    crowd = [asyncio.create_task(visitor(seed)) for seed in range(3)]
    for _ in range(50):
        await asyncio.to_thread(publish_again, home / "build")
        row.swaps += 1
        await asyncio.sleep(SWAP_EVERY)
    is_over.set()
    await asyncio.gather(*crowd)


def _table(address: str) -> bytes:
    with urllib.request.urlopen(f"{address}/api/regions.csv?country=LU", timeout=60) as answer:  # noqa: S310
        content: bytes = answer.read()
    return content


def _browse(address: str, home: Path, row: Row) -> None:
    """Load the map again and again in Chromium: its files are of a database that was published."""
    from playwright.sync_api import Error, sync_playwright

    from benchmarks.load import FLAGS

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        until = time.monotonic() + BROWSER_SECONDS
        while time.monotonic() < until:
            published = read_pointer(home / "build").file
            # A browser that knows nothing yet: it asks for each file.
            with contextlib.closing(browser.new_context()) as fresh:
                page = fresh.new_page()
                bad: list[str] = []
                page.on(
                    "response", lambda a, bad=bad: bad.append(a.url) if a.status > 499 else None
                )
                page.set_default_timeout(LATEST)
                page.set_default_navigation_timeout(LATEST)
                try:
                    with page.expect_response(lambda a: "/regions-3.json" in a.url) as got:
                        page.goto(f"{address}/regions")
                except Error as error:
                    row.lost += 1
                    print(f"browser: {str(error)[:300]}", flush=True)
                    continue
                stem = got.value.url.rsplit("/", 2)[1] + ".duckdb"
                row.tried += 1
                row.wrong += stem < published  # names rise with the moment
                faults = [*bad, *([got.value.url] if got.value.status != 200 else [])]
                faults += ["exception"] * page.locator("[data-testid='stException']").count()
                row.lost += len(faults)
                if faults:
                    print("browser:", got.value.status, *faults, flush=True)
        browser.close()

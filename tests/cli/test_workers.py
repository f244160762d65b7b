"""The dashboard served by two processes behind one address."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import psutil
import pytest
import websockets.sync.client as websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from benchmarks import load
from tests.browser.conftest import free_port
from tests.where import ROOT

BASE = "/geo"
_LONG = 120.0


@dataclass
class Served:
    """A served dashboard: its process, its port, and what it told its operator."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def get(self, path: str, **headers: str) -> tuple[int, bytes, Message]:
        """Return status, content and headers of an answer."""
        address = f"http://127.0.0.1:{self.port}{BASE}{path}"
        request = urllib.request.Request(address, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=_LONG) as answer:  # noqa: S310
                return answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, error.read(), error.headers

    def wait_for(self, status: str) -> dict[str, object]:
        """Wait until the health is a certain one, and return it."""
        until = time.monotonic() + _LONG
        while time.monotonic() < until:
            try:
                health: dict[str, object] = json.loads(self.get("/health")[1])
                if health["status"] == status:
                    return health
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.2)
        raise AssertionError(f"{status} did not come: {self.log.read_text('utf-8')}")

    def workers(self) -> dict[str, psutil.Process]:
        """Return the workers by number."""
        children = psutil.Process(self.process.pid).children()
        return {Path(child.cmdline()[-1]).stem: child for child in children}

    def tooltips_of_a_visit(self, worker: str) -> str:
        """Open a page as a visitor of a worker; return where its map's tooltips are."""
        with websockets.connect(
            f"ws://127.0.0.1:{self.port}{BASE}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            additional_headers={"Cookie": f"hinterland_worker={worker}"},
            max_size=None,
        ) as socket:
            message = BackMsg()
            message.rerun_script.page_name = "regions"
            socket.send(message.SerializeToString())
            address = ""
            while True:
                frame = socket.recv(timeout=_LONG)
                assert isinstance(frame, bytes)
                answer = ForwardMsg.FromString(frame)
                deck = answer.delta.new_element.deck_gl_json_chart
                if match := re.search(r"/geo(/[a-z]+/[0-9a-f]{32}\.json)", deck.tooltip):
                    address = match[1]
                if answer.WhichOneof("type") == "script_finished":
                    return address


@pytest.fixture(scope="module")
def served(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    log = tmp_path_factory.mktemp("workers") / "log"
    port = free_port()
    command = [sys.executable, "-m", "pipelines", "app", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", "2", "--base-path", BASE]
    environment = os.environ | {"HINTERLAND_HOME": str(built_home)}
    with log.open("wb") as told:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=told, stderr=told)
    dashboard = Served(process, port, log)
    try:
        dashboard.wait_for("ok")
        yield dashboard
    finally:
        workers = list(dashboard.workers().values())
        process.terminate()
        process.wait(_LONG)
        psutil.wait_procs(workers, _LONG)
        assert not any(worker.is_running() for worker in workers)


def test_what_a_visit_holds_is_in_its_worker_alone(served: Served) -> None:
    # A visit that has just ended may count for a moment yet: the freest is the other one then.
    for _ in range(60):
        given = [served.get("/", Accept="text/html")[2]["Set-Cookie"] for _ in range(2)]
        if len({*given}) == 2:
            break
        time.sleep(0.5)
    assert {g.partition(";")[0] for g in given} == {"hinterland_worker=1", "hinterland_worker=2"}
    assert all("; Path=/geo/; HttpOnly; SameSite=Lax" in cookie for cookie in given)
    figures = served.tooltips_of_a_visit("2")
    assert served.get(figures, Cookie="hinterland_worker=2")[0] == 200
    assert served.get(figures, Cookie="hinterland_worker=1")[0] == 404


@pytest.mark.parametrize("page", load.PAGES, ids=[page[0] or "overview" for page in load.PAGES])
def test_a_changed_choice_sends_little(
    served: Served, page: tuple[str, str, str, tuple[str, float, float] | None]
) -> None:
    """At most 50 KB as the wire carries it, on every page, through the front as well."""
    name, query, key, dial = page
    dice = random.Random(name)

    async def sizes() -> list[int]:
        async with load.Visit(f"http://127.0.0.1:{served.port}{BASE}") as visit:
            await visit.open(name, query)
            answers = [await visit.choose(query, key, dice) for _ in range(2)]
            if dial:
                answers.append(await visit.turn(query, dial[0], round(dial[1], 1)))
            return [answer.size for answer in answers]

    sent = asyncio.run(sizes())
    assert 0 < min(sent) <= max(sent) <= 1000 * load.SENT


def test_the_front_lets_nothing_through_that_one_process_refuses(served: Served) -> None:
    _status, _content, page = served.get("/regions", Accept="text/html")
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    assert served.get("/health")[2]["X-Content-Type-Options"] == "nosniff"
    with pytest.raises(InvalidStatus) as refused:
        websockets.connect(
            f"ws://127.0.0.1:{served.port}{BASE}/_stcore/stream",
            origin=Origin("https://evil.example"),
        )
    assert refused.value.response.status_code == 403
    status, content, headers = served.get("/api/regions.csv?level=0&columns=nuts_id&limit=2")
    assert (status, content) == (200, b'"nuts_id"\n"AL"\n"AT"\n')
    assert "Set-Cookie" not in headers


def test_a_dead_worker_is_told_and_replaced(served: Served) -> None:
    before = served.workers()
    before["2"].send_signal(signal.SIGKILL)
    before["2"].wait(_LONG)
    # Who was with it waits until another is there; the others notice nothing.
    assert served.get("/", Accept="text/html", Cookie="hinterland_worker=2")[0] == 200
    served.wait_for("ok")
    after = served.workers()
    assert after["1"].pid == before["1"].pid
    assert after["2"].pid != before["2"].pid
    told = served.log.read_text("utf-8")
    assert "Process 2 has ended (signal SIGKILL); another takes its place." in told
    assert served.tooltips_of_a_visit("2")


def test_workers_end_with_a_front_that_is_killed(built_home: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "pipelines", "app", "--host", "127.0.0.1", "--port", str(port)]
    environment = os.environ | {"HINTERLAND_HOME": str(built_home)}
    process = subprocess.Popen([*command, "--workers", "2"], cwd=ROOT, env=environment)
    try:
        until = time.monotonic() + _LONG
        while len(workers := psutil.Process(process.pid).children()) < 2:
            assert time.monotonic() < until
            time.sleep(0.1)
    finally:
        process.kill()
        process.wait(_LONG)
    _gone, alive = psutil.wait_procs(workers, _LONG)
    assert not alive

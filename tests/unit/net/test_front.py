"""One address for several processes: what is handed on, to whom, and what is answered here."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from pipelines.net import front as module
from pipelines.net.front import Front, Worker, numbered

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
PAGE = b"GET / HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\n"


def answering(mark: str, seen: list[bytes]) -> Talk:
    """Return a worker that notes each request and answers with a mark."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = b""
        if b"transfer-encoding: chunked" in head:
            body = await reader.readuntil(b"0\r\n\r\n")
        elif b"content-length: " in head:
            body = await reader.readexactly(int(head.partition(b"content-length: ")[2].split()[0]))
        seen.append(head + body)
        if head.startswith(b"GET /health"):
            text = b'{"status": "ok", "hash": "h"}'
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(text) + text)
        else:
            text = mark.encode()
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nkeep-alive: 5\r\n")
            writer.write(b"content-length: %d\r\n\r\n" % len(text))
            writer.write(b"" if head.startswith(b"HEAD") else text)
        writer.close()

    return talk


@contextlib.asynccontextmanager
async def fronted(folder: Path, *talks: Talk, base: str = "") -> AsyncIterator[tuple[Front, int]]:
    """Have a front before some workers; give it and its port."""
    workers = numbered(folder, range(1, len(talks) + 1))
    servers = [
        await asyncio.start_unix_server(talk, str(worker.path))
        for talk, worker in zip(talks, workers, strict=True)
    ]
    for worker in workers:
        worker.ready.set()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        front = Front(workers, base, {"X-Content-Type-Options": "nosniff"})
        servers.append(await front.listen(listener))
        yield front, listener.getsockname()[1]
        for server in servers:
            server.close()


async def ask(port: int, request: bytes) -> bytes:
    """Send bytes and return all that comes until the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    return answer


def exchange(folder: Path, request: bytes, number: int = 1) -> tuple[bytes, list[bytes]]:
    """Return what came back for a request, and what the workers saw."""
    seen: list[bytes] = []

    async def run() -> bytes:
        talks = [answering(str(n), seen) for n in range(1, number + 1)]
        async with fronted(folder, *talks) as (_front, port):
            return await ask(port, request)

    return asyncio.run(run()), seen


def test_a_visitor_stays_with_the_worker_of_the_cookie(tmp_path: Path) -> None:
    async def run() -> None:
        seen: list[bytes] = []
        talks = [answering("one", seen), answering("two", seen)]
        async with fronted(tmp_path, *talks) as (_front, port):
            first, second = [await ask(port, PAGE + b"Connection: close\r\n\r\n") for _ in "ab"]
            # Each is given another worker, and told which.
            assert (first[-3:], second[-3:]) == (b"one", b"two")
            cookie = b"set-cookie: hinterland_worker=2; Path=/; HttpOnly; SameSite=Lax\r\n"
            assert cookie in second
            theirs = b"Cookie: a=b; hinterland_worker=2\r\nConnection: close\r\n\r\n"
            for _ in range(3):
                again = await ask(port, PAGE + theirs)
                assert again.endswith(b"two")
                assert b"set-cookie" not in again

    asyncio.run(run())


def test_the_freest_worker_is_given_to_a_new_visitor(tmp_path: Path) -> None:
    async def run() -> None:
        talks = [answering("one", []), answering("two", [])]
        async with fronted(tmp_path, *talks) as (front, port):
            front.workers[0].visits = 1
            for _ in range(3):
                assert (await ask(port, PAGE + b"Connection: close\r\n\r\n")).endswith(b"two")

    asyncio.run(run())


def test_without_a_cookie_the_same_program_has_the_same_worker(tmp_path: Path) -> None:
    async def run() -> None:
        talks = [answering("one", []), answering("two", [])]
        async with fronted(tmp_path, *talks) as (_front, port):
            marks = set()
            for program in range(12):
                request = b"GET /api HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                request += b"User-Agent: program %d\r\n\r\n" % program
                answers = [(await ask(port, request))[-3:] for _ in range(3)]
                assert len(set(answers)) == 1
                marks.add(answers[0])
            assert marks == {b"one", b"two"}

    asyncio.run(run())


def test_headers_of_a_hop_end_here_and_all_others_are_handed_on(tmp_path: Path) -> None:
    answer, seen = exchange(
        tmp_path,
        b"GET /a%2Fb?c=d%20e HTTP/1.1\r\nHost: example.org\r\nOrigin: https://example.org\r\n"
        b"Connection: close, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nCookie: x=y\r\n\r\n",
    )
    assert seen == [
        b"GET /a%2Fb?c=d%20e HTTP/1.1\r\nhost: example.org\r\norigin: https://example.org\r\n"
        b"cookie: x=y\r\nconnection: close\r\n\r\n"
    ]
    assert b"keep-alive" not in answer


def test_bodies_are_handed_on_as_they_are_framed(tmp_path: Path) -> None:
    put = b"PUT /u HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
    _answer, seen = exchange(tmp_path, put + b"Content-Length: 5\r\n\r\nhello")
    assert seen[0].endswith(b"\r\n\r\nhello")
    chunked = b"Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    answer, seen = exchange(tmp_path, put + chunked)
    assert seen[0].endswith(b"5\r\nhello\r\n0\r\n\r\n")
    assert b"expect" not in seen[0]
    assert b"200" in answer


def test_one_connection_carries_several_requests(tmp_path: Path) -> None:
    head = b"HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n"
    get = b"GET /y HTTP/1.1\r\nHost: h\r\n\r\n"
    last = b"GET /z HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    answer, seen = exchange(tmp_path, head + get + last)
    assert [request.split()[1] for request in seen] == [b"/x", b"/y", b"/z"]
    assert answer.count(b"HTTP/1.1 200 OK") == 3


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400),
        (b"nonsense\r\n", 400),
        (b"GET / HTTP/1.1\r\n", 400),  # no host
        (b"GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\x00\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"x" * 70_000, 431),  # no end
    ],
)
def test_what_is_no_sound_request_reaches_nobody(
    tmp_path: Path, request_: bytes, status: int
) -> None:
    answer, seen = exchange(tmp_path, request_ + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"X-Content-Type-Options: nosniff" in answer
    assert not seen


def test_an_answer_may_come_before_the_end_of_a_body(tmp_path: Path) -> None:
    async def refusing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno")
        writer.close()

    async def run() -> bytes:
        async with fronted(tmp_path, refusing) as (_front, port):
            return await ask(port, b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 9000\r\n\r\nabc")

    assert asyncio.run(run()).endswith(b"\r\n\r\nno")


def test_a_worker_that_ends_before_its_answer_is_said(tmp_path: Path) -> None:
    async def dying(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async def run() -> bytes:
        async with fronted(tmp_path, dying) as (_front, port):
            return await ask(port, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")

    answer = asyncio.run(run())
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert b"has ended" in answer


def test_who_asks_while_a_worker_is_replaced_waits_for_it_or_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REPLACED", 0.2)

    async def run() -> tuple[bytes, bytes]:
        async with fronted(tmp_path, answering("back", [])) as (front, port):
            front.workers[0].ready.clear()
            request = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
            told = await ask(port, request)
            monkeypatch.setattr(module, "REPLACED", 20)
            later = asyncio.create_task(ask(port, request))
            await asyncio.sleep(0.1)
            front.workers[0].ready.set()
            return told, await later

    told, served = asyncio.run(run())
    assert told.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 5" in told
    assert b"process 1 is being replaced" in told
    assert served.endswith(b"back")


def test_health_is_that_of_all_workers(tmp_path: Path) -> None:
    async def run() -> tuple[bytes, bytes, bytes]:
        talks = [answering("one", []), answering("two", [])]
        async with fronted(tmp_path, *talks) as (front, port):
            request = b"GET /health HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
            both = await ask(port, request)
            gone = tmp_path / "gone"
            front.workers = (front.workers[0], Worker(2, gone))
            one = await ask(port, request)
            front.workers = (Worker(1, gone), Worker(2, gone))
            return both, one, await ask(port, request)

    both, one, none = asyncio.run(run())
    assert b" 200 " in both[:20]
    assert json.loads(both.partition(b"\r\n\r\n")[2])["status"] == "ok"
    assert b" 200 " in one[:20]
    content = json.loads(one.partition(b"\r\n\r\n")[2])
    assert (content["status"], content["hash"]) == ("degraded", "h")
    assert [w["status"] for w in content["workers"]] == ["ok", "starting"]
    assert b" 503 " in none[:20]


def test_a_websocket_is_spliced_and_counted(tmp_path: Path) -> None:
    async def echoing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Accept: x\r\n\r\nhello "
        )
        writer.write((await reader.readexactly(5)).upper())
        await reader.read()
        writer.close()

    async def run() -> None:
        async with fronted(tmp_path, echoing) as (front, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            # The first bytes may come with the request's head.
            writer.write(
                b"GET /_stcore/stream HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\n"
                b"Upgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\nwor"
            )
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 101 ")
            assert b"upgrade: websocket" in head.lower()
            writer.write(b"ld")
            assert await reader.readexactly(11) == b"hello WORLD"
            assert front.workers[0].visits == 1
            writer.close()
            while front.workers[0].visits:
                await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(run(), 20))

"""One address for several processes: each visitor's requests all go to the same one.

What a visit holds (its state, uploads, files to download) lives in the process that serves it. A
cookie names that process; who has none is given the one with the fewest visits when a page is
opened, and is otherwise told apart by address and program. Requests and answers are handed on as
they come: headers, origin, path and bytes are the worker's affair. A websocket is spliced, never
read.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import re
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h11

COOKIE = "hinterland_worker"
#: Longest head of a request, bytes.
HEAD_MOST = 65_536
#: Seconds: a connection without a request, a request without its next bytes, a worker that is
#: being replaced, an answer on its health.
IDLE, SLOW, REPLACED, HEALTH = 15.0, 60.0, 30.0, 3.0
_CHUNK = 65_536
#: What is said between two neighbours alone and not handed on (RFC 9110, 7.6.1).
#: ``Expect`` is met here.
_HOP = {b"connection", b"expect", b"keep-alive", b"proxy-connection", b"te", b"upgrade"}
_COOKIE = re.compile(rf"(?:^|;\s*){COOKIE}=(\d{{1,3}})(?:;|$)")
Headers = list[tuple[bytes, bytes]]


@dataclass
class Worker:
    """A process that serves visitors.

    Attributes
    ----------
    number : int
        From 1; the cookie says it.
    path : Path
        Its Unix socket.
    ready : asyncio.Event
        Set while it answers.
    visits : int
        Its open websockets.
    turn : int
        When a new visitor was last given to it, as a count.
    """

    number: int
    path: Path
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    visits: int = 0
    turn: int = 0


class _Refused(Exception):
    """A request that is answered here, in one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class _Peer:
    """One side of a relay: its bytes, and what they mean in HTTP/1.1."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, role: Any
    ) -> None:
        self.reader, self.writer = reader, writer
        self.http = h11.Connection(role, max_incomplete_event_size=HEAD_MOST)

    async def event(self, seconds: float) -> Any:
        """Return the next event; ``ConnectionClosed`` where the other side is gone."""
        while (event := self.http.next_event()) is h11.NEED_DATA:
            if self.http.they_are_waiting_for_100_continue:
                self.writer.write(
                    self.http.send(h11.InformationalResponse(status_code=100, headers=[])) or b""
                )
            async with asyncio.timeout(seconds):
                self.http.receive_data(await self.reader.read(_CHUNK))
        return event

    async def send(self, event: Any) -> None:
        """Send an event."""
        if content := self.http.send(event):
            self.writer.write(content)
            await self.writer.drain()

    async def close(self) -> None:
        """End the connection."""
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


class Front:
    """Hands each visitor on to a worker.

    Parameters
    ----------
    workers : sequence of Worker
    base : str
        Path below which the dashboard is, like ``/geo``; may be empty.
    headers : mapping of str to str
        Security headers of the answers that are given here.
    """

    def __init__(
        self, workers: Sequence[Worker], base: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        self.workers = tuple(workers)
        self.base = base
        self._headers = [(k.encode(), v.encode()) for k, v in (headers or {}).items()]
        self._turn = 0

    async def listen(self, listener: socket.socket) -> asyncio.Server:
        """Accept visitors on a listening socket."""
        return await asyncio.start_server(self._visitor, sock=listener)

    async def _visitor(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, one after the other."""
        peer = _Peer(reader, writer, h11.SERVER)
        try:
            while await self._request(peer):
                peer.http.start_next_cycle()
        except (OSError, TimeoutError, EOFError, h11.ProtocolError):
            pass  # either side is gone, silent, or speaks no HTTP once its head was read
        except asyncio.CancelledError:
            pass  # the front stops
        finally:
            await peer.close()

    async def _request(self, peer: _Peer) -> bool:
        """Answer one request; tell whether the connection may bring another."""
        try:
            async with asyncio.timeout(SLOW):
                request = await peer.event(IDLE)
            if not isinstance(request, h11.Request):
                return False
            names = [name for name, _value in request.headers]
            if b"content-length" in names and b"transfer-encoding" in names:
                raise _Refused(400, "two lengths are stated")
            if request.target.partition(b"?")[0] == f"{self.base}/health".encode():
                await self._say(peer, *await self._health())
            else:
                await self._relay(peer, request)
        except h11.RemoteProtocolError as error:
            await self._refuse(peer, _Refused(error.error_status_hint, "no request of HTTP/1.1"))
            return False
        except _Refused as refusal:
            await self._refuse(peer, refusal)
            return False
        if peer.http.their_state is h11.SEND_BODY:
            peer.http.next_event()  # the end of a request without a body
        # What is still to come of a body that nobody wanted ends the connection.
        return peer.http.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}

    async def _relay(self, peer: _Peer, request: h11.Request) -> None:
        worker = self._worker_of(request, peer)
        behind = await self._reach(worker)
        tasks: list[asyncio.Task[None]] = []
        try:
            head = _handed_on(request)
            await behind.send(
                h11.Request(method=request.method, target=request.target, headers=head)
            )
            body = asyncio.create_task(_body(peer, behind))
            answer = asyncio.create_task(self._answer(peer, behind, worker, request))
            tasks = [body, answer]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            # An answer may come before the body's end; a body that breaks off has none.
            if body.done():
                await body
            await answer
        except (OSError, TimeoutError, h11.RemoteProtocolError) as error:
            if peer.http.our_state is h11.SEND_RESPONSE:
                raise _Refused(502, "the process that serves this visit has ended") from error
            raise
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await behind.close()

    async def _answer(
        self, peer: _Peer, behind: _Peer, worker: Worker, request: h11.Request
    ) -> None:
        """Hand the answer on, to its end or to that of a websocket."""
        while True:
            event = await behind.event(SLOW * 10)
            if isinstance(event, h11.InformationalResponse):
                if event.status_code == 101:
                    head = self._with_cookie(event, worker, request)
                    await peer.send(h11.InformationalResponse(status_code=101, headers=head))
                    await _spliced(peer, behind, worker)
                    return
            elif isinstance(event, h11.Response):
                head = self._with_cookie(event, worker, request)
                await peer.send(
                    h11.Response(status_code=event.status_code, reason=event.reason, headers=head)
                )
            elif isinstance(event, h11.Data):
                await peer.send(h11.Data(data=event.data))
            elif isinstance(event, h11.EndOfMessage):
                await peer.send(h11.EndOfMessage())
                return
            else:
                raise EOFError

    def _worker_of(self, request: h11.Request, peer: _Peer) -> Worker:
        """Return the worker of a visitor; one that comes to a page is given the freest."""
        if (number := _stated(request)) and number <= len(self.workers):
            return self.workers[number - 1]
        said = dict(request.headers)
        if request.method == b"GET" and b"text/html" in said.get(b"accept", b""):
            self._turn += 1
            ready = [w for w in self.workers if w.ready.is_set()] or self.workers
            worker = min(ready, key=lambda w: (w.visits, w.turn))
            worker.turn = self._turn
            return worker
        address = (peer.writer.get_extra_info("peername") or ("",))[0]
        digest = hashlib.sha256(str(address).encode() + said.get(b"user-agent", b"")).digest()
        return self.workers[digest[0] % len(self.workers)]

    async def _reach(self, worker: Worker) -> _Peer:
        """Connect with a worker, as soon as it is there again."""
        for _attempt in range(2):
            try:
                async with asyncio.timeout(REPLACED):
                    await worker.ready.wait()
                    streams = await asyncio.open_unix_connection(str(worker.path))
                    return _Peer(*streams, h11.CLIENT)
            except OSError:  # it has just ended, and that is not known yet
                await asyncio.sleep(0.5)
            except TimeoutError:
                break
        raise _Refused(503, f"process {worker.number} is being replaced; ask again in a moment")

    def _with_cookie(
        self, event: h11.Response | h11.InformationalResponse, worker: Worker, request: h11.Request
    ) -> Headers:
        """Return the headers of an answer; a page tells a new visitor's browser its worker."""
        is_upgrade = event.status_code == 101
        head = [(k, v) for k, v in event.headers if is_upgrade or k not in _HOP]
        kind = dict(event.headers).get(b"content-type", b"")
        if kind.startswith(b"text/html") and _stated(request) != worker.number:
            path = f"{self.base}/"
            value = f"{COOKIE}={worker.number}; Path={path}; HttpOnly; SameSite=Lax"
            head.append((b"set-cookie", value.encode()))
        return head

    async def _health(self) -> tuple[int, dict[str, Any]]:
        """Return status and content of the health of all workers."""
        target = f"{self.base}/health"
        every = await asyncio.gather(*(health(worker, target) for worker in self.workers))
        serving = [answer for answer in every if answer.get("status") == "ok"]
        if not serving:
            return 503, {"status": every[0].get("status", "starting"), "workers": list(every)}
        status = "ok" if len(serving) == len(every) else "degraded"
        facts = {name: value for name, value in serving[0].items() if name != "worker"}
        return 200, facts | {"status": status, "workers": list(every)}

    async def _refuse(self, peer: _Peer, refusal: _Refused) -> None:
        if peer.http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            await self._say(peer, refusal.status, {"error": str(refusal)}, is_last=True)

    async def _say(
        self, peer: _Peer, status: int, content: Mapping[str, Any], is_last: bool = False
    ) -> None:
        text = json.dumps(content).encode()
        head = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(text)).encode()),
            *self._headers,
        ]
        head += [(b"retry-after", b"5")] if status == 503 else []
        head += [(b"connection", b"close")] if is_last else []
        await peer.send(h11.Response(status_code=status, headers=head))
        await peer.send(h11.Data(data=text))
        await peer.send(h11.EndOfMessage())


def _stated(request: h11.Request) -> int | None:
    """Return the number of the worker that a visitor's cookie names."""
    for name, value in request.headers:
        if name == b"cookie" and (match := _COOKIE.search(value.decode("latin-1"))):
            return int(match[1]) or None
    return None


def _handed_on(request: h11.Request) -> Headers:
    """Return the headers of a request that a worker sees: all but those for the next hop."""
    said = dict(request.headers)
    named = {name.strip().lower() for name in said.get(b"connection", b"").split(b",")}
    is_upgrade = b"upgrade" in named and b"upgrade" in said
    dropped = _HOP | (named - {b""})
    head = [(k, v) for k, v in request.headers if k not in dropped]
    if is_upgrade:
        return [*head, (b"connection", b"upgrade"), (b"upgrade", said[b"upgrade"])]
    return [*head, (b"connection", b"close")]


async def _body(peer: _Peer, behind: _Peer) -> None:
    """Hand the body of a request on; where it is not taken any more the answer says why."""
    with contextlib.suppress(OSError, h11.LocalProtocolError):
        while peer.http.their_state is h11.SEND_BODY:
            event = await peer.event(SLOW)
            if isinstance(event, h11.Data):
                await behind.send(h11.Data(data=event.data))
            elif isinstance(event, h11.EndOfMessage):
                break
        await behind.send(h11.EndOfMessage())


async def _spliced(peer: _Peer, behind: _Peer, worker: Worker) -> None:
    """Hand the bytes of a websocket on, both ways, until one side ends it."""

    async def one_way(source: _Peer, target: _Peer) -> None:
        target.writer.write(source.http.trailing_data[0])
        while content := await source.reader.read(_CHUNK):
            target.writer.write(content)
            await target.writer.drain()

    worker.visits += 1
    ways = [
        asyncio.create_task(one_way(peer, behind)),
        asyncio.create_task(one_way(behind, peer)),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        worker.visits -= 1
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def health(worker: Worker, target: str) -> dict[str, Any]:
    """Return what a worker says of its health, with its number.

    Parameters
    ----------
    worker : Worker
    target : str
        Path of the question.
    """
    answer: dict[str, Any] = {"status": "starting"}
    with contextlib.suppress(OSError, TimeoutError, h11.ProtocolError, ValueError):
        async with asyncio.timeout(HEALTH):
            peer = _Peer(*await asyncio.open_unix_connection(str(worker.path)), h11.CLIENT)
            try:
                head = [(b"host", b"localhost"), (b"connection", b"close")]
                await peer.send(h11.Request(method="GET", target=target, headers=head))
                await peer.send(h11.EndOfMessage())
                answer = json.loads(b"".join([part async for part in _parts(peer)]))
            finally:
                await peer.close()
    return {"worker": worker.number, **answer}


async def _parts(peer: _Peer) -> Any:
    """Yield the parts of an answer's content."""
    while not isinstance(event := await peer.event(HEALTH), h11.EndOfMessage):
        if isinstance(event, h11.Data):
            yield bytes(event.data)
        elif isinstance(event, h11.ConnectionClosed):
            raise EOFError


def numbered(folder: Path, numbers: Iterable[int]) -> tuple[Worker, ...]:
    """Return workers whose sockets lie in a folder."""
    return tuple(Worker(number, folder / f"{number}.sock") for number in numbers)

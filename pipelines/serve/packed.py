"""The browser's programs, compressed once and kept in memory."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping, MutableMapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PREFIX = "/static/"
_KINDS = ("text/javascript", "application/javascript", "text/css")
#: The levels above take a third more time for 0.3 % fewer bytes.
_LEVEL = 6
_CONDITIONS = ("range", "if-none-match", "if-modified-since")


class Packed:
    """Compresses programs and styles on their first request.

    Streamlit sends them as they lie, 6.6 MB for a first map, because its own compression
    works anew for every visitor. What is kept is about 3 MB, for the files are few and
    their addresses hold their hashes. Those named as early, by address, are compressed in
    this order before anybody asks.
    """

    def __init__(self, app: ASGIApp, early: Mapping[str, Path] | None = None) -> None:
        self.app = app
        self._answers: dict[str, tuple[Message, bytes]] = {}
        # zlib works without Python's lock: the server answers meanwhile.
        self._packer = ThreadPoolExecutor(1, "packed")
        self._early: dict[str, Future[bytes]] = {
            address: self._packer.submit(_pack_file, file)
            for address, file in (early or {}).items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or hand on and keep the answer."""
        if scope["type"] != "http" or not _is_candidate(scope):
            await self.app(scope, receive, send)
            return
        if scope["path"] not in self._answers:
            answer = _Answer()
            await self.app(scope, receive, answer.take)
            if not answer.is_program():
                for message in answer.messages:
                    await send(message)
                return
            body = b"".join(message.get("body", b"") for message in answer.messages)
            packed = await self._compress(scope["path"], body)
            self._answers[scope["path"]] = (_start(answer.messages[0], len(packed)), packed)
        start, body = self._answers[scope["path"]]
        await send({**start, "headers": list(start["headers"])})
        await send({"type": "http.response.body", "body": body})

    async def _compress(self, address: str, body: bytes) -> bytes:
        if job := self._early.get(address):
            return await asyncio.wrap_future(job)
        return await asyncio.get_running_loop().run_in_executor(None, _pack, body)


def _pack_file(file: Path) -> bytes:
    return _pack(file.read_bytes())


def _pack(body: bytes) -> bytes:
    engine = zlib.compressobj(_LEVEL, wbits=31, memLevel=9)
    return engine.compress(body) + engine.flush()


def _is_candidate(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return (
        scope["method"] == "GET"
        and scope["path"].startswith(_PREFIX)
        and "gzip" in headers.get("accept-encoding", "")
        and not any(name in headers for name in _CONDITIONS)
    )


def _start(message: Message, length: int) -> Message:
    """Return the beginning of the packed answer; the rest of its headers stays."""
    headers = MutableHeaders(raw=list(message["headers"]))
    headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(length)
    headers.add_vary_header("Accept-Encoding")
    # The tag says it all; a date and an offer of ranges in each of 140 answers add up.
    for name in ("Last-Modified", "Accept-Ranges"):
        if name in headers:
            del headers[name]
    # The same file in other bytes: a weak tag, which Streamlit compares as the strong one.
    if (tag := headers.get("ETag", "")) and not tag.startswith("W/"):
        headers["ETag"] = f"W/{tag}"
    return {**message, "headers": headers.raw}


class _Answer:
    """An answer that was not sent yet."""

    def __init__(self) -> None:
        self.messages: list[MutableMapping[str, Any]] = []

    async def take(self, message: Message) -> None:
        self.messages.append(message)

    def is_program(self) -> bool:
        """Tell whether it is a whole program or style that is not compressed yet."""
        if not self.messages or self.messages[0].get("status") != 200:
            return False
        headers = Headers(raw=list(self.messages[0]["headers"]))
        kind = headers.get("content-type", "").split(";")[0]
        return kind in _KINDS and "content-encoding" not in headers

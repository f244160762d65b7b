"""The browser's programs, compressed once and kept in memory."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping, MutableMapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PREFIX = "/static/"
_KINDS = ("text/javascript", "application/javascript", "text/css")
#: The levels above take a third more time for 0.3 % fewer bytes.
_LEVEL = 6
#: An eighth fewer bytes than gzip; the next level takes twelve times the time for 7 % fewer.
_BROTLI_LEVEL = 9
#: The best first. A browser takes Brotli from itself and by HTTPS, and not by plain HTTP.
ENCODINGS = ("br", "gzip") if pa.Codec.is_available("brotli") else ("gzip",)
_CONDITIONS = ("range", "if-none-match", "if-modified-since")


class Packed:
    """Compresses programs and styles on their first request.

    Streamlit sends them as they lie, 6.6 MB for a first map, because its own compression
    works anew for every visitor. What is kept is about 3 MB an encoding, for the files are few
    and their addresses hold their hashes. Those named as early, by address, are compressed in
    this order before anybody asks: all with Brotli, then all with gzip.
    """

    def __init__(self, app: ASGIApp, early: Mapping[str, Path] | None = None) -> None:
        self.app = app
        self._answers: dict[tuple[str, str], tuple[Message, bytes]] = {}
        # Both compress without Python's lock: the server answers meanwhile.
        self._packer = ThreadPoolExecutor(1, "packed")
        self._early: dict[tuple[str, str], Future[bytes]] = {
            (address, encoding): self._packer.submit(_pack_file, file, encoding)
            for encoding in ENCODINGS
            for address, file in (early or {}).items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or hand on and keep the answer."""
        encoding = _encoding(scope) if scope["type"] == "http" else ""
        if not encoding:
            await self.app(scope, receive, send)
            return
        key = (scope["path"], encoding)
        if key not in self._answers:
            answer = _Answer()
            await self.app(scope, receive, answer.take)
            if not answer.is_program():
                for message in answer.messages:
                    await send(message)
                return
            body = b"".join(message.get("body", b"") for message in answer.messages)
            packed = await self._compress(key, body)
            self._answers[key] = (_start(answer.messages[0], encoding, len(packed)), packed)
        start, body = self._answers[key]
        await send({**start, "headers": list(start["headers"])})
        await send({"type": "http.response.body", "body": body})

    async def _compress(self, key: tuple[str, str], body: bytes) -> bytes:
        if job := self._early.get(key):
            return await asyncio.wrap_future(job)
        return await asyncio.get_running_loop().run_in_executor(None, pack, body, key[1])


def _pack_file(file: Path, encoding: str) -> bytes:
    return pack(file.read_bytes(), encoding)


def pack(body: bytes, encoding: str) -> bytes:
    """Compress a body by one of the encodings.

    Parameters
    ----------
    body : bytes
    encoding : str
        One of ``ENCODINGS``, as HTTP calls them.
    """
    if encoding == "br":
        codec = pa.Codec("brotli", compression_level=_BROTLI_LEVEL)
        return bytes(codec.compress(body, asbytes=True))
    engine = zlib.compressobj(_LEVEL, wbits=31, memLevel=9)
    return engine.compress(body) + engine.flush()


def accepted(headers: Headers) -> str:
    """Return the best encoding that a browser takes, or an empty text."""
    taken = {
        name.strip().lower()
        for name, _, weight in (
            part.partition(";") for part in headers.get("accept-encoding", "").split(",")
        )
        if weight.replace(" ", "") not in ("q=0", "q=0.0")
    }
    return next((encoding for encoding in ENCODINGS if encoding in taken), "")


def _encoding(scope: Scope) -> str:
    """Return how to compress the answer, or an empty text where it is handed on."""
    headers = Headers(scope=scope)
    packs = (
        scope["method"] == "GET"
        and scope["path"].startswith(_PREFIX)
        and not any(name in headers for name in _CONDITIONS)
    )
    return accepted(headers) if packs else ""


def _start(message: Message, encoding: str, length: int) -> Message:
    """Return the beginning of the packed answer; the rest of its headers stays."""
    headers = MutableHeaders(raw=list(message["headers"]))
    headers["Content-Encoding"] = encoding
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

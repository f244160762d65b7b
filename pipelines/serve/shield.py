"""What every answer of the server says to a browser, and what is not answered at all.

A policy of content (nothing from other servers, no frame on foreign pages), no guessing of
types, no referrer for others, no devices; and no websocket or upload for another origin.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.core.errors import InputError

FRAMES = "HINTERLAND_FRAME_ANCESTORS"
_ANCESTOR = re.compile(
    r"'self'|'none'|https://(\*\.)?[a-z0-9.-]+(:\d{1,5})?|http://localhost(:\d{1,5})?"
)
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_PORTS = {"http": 80, "https": 443}
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: Names and sizes of caches; an interface for programs that this dashboard does not offer.
CLOSED = ("/_stcore/metrics", "/_stcore/agent")
_DEVICES = ("camera", "geolocation", "microphone", "payment", "usb")


def frame_ancestors() -> str:
    """Return who may show the dashboard in a frame: ``HINTERLAND_FRAME_ANCESTORS`` or itself.

    Raises
    ------
    InputError
        A word of the setting is no origin.
    """
    stated = os.environ.get(FRAMES, "").split()
    for word in stated:
        if not _ANCESTOR.fullmatch(word):
            raise InputError(
                f"{FRAMES}: {word!r} found; allowed are 'self', 'none' and origins like"
                " https://www.example.org or https://*.example.org, with spaces between them."
            )
    return " ".join(stated) or "'self'"


def policy(page: str, ancestors: str) -> str:
    """Return the content security policy of a page.

    Parameters
    ----------
    page : str
        The HTML; a script that stands in it is allowed by its hash.
    ancestors : str
        Who may show it in a frame.
    """
    inline = [
        "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"
        for text in _INLINE.findall(page)
    ]
    rules = {
        "default-src": "'self'",
        # The map's program compiles WebAssembly; nothing makes JavaScript of a text.
        "script-src": " ".join(["'self'", "'wasm-unsafe-eval'", *inline]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-src": "'none'",
        "frame-ancestors": ancestors,
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def short_policy(ancestors: str) -> str:
    """Return the policy of what is no page: a first visit asks for 140 such files."""
    return f"default-src 'self'; object-src 'none'; frame-ancestors {ancestors}"


def security_headers(ancestors: str) -> dict[str, str]:
    """Return the headers that every answer carries, but for the policy of a page."""
    known = {
        "Content-Security-Policy": short_policy(ancestors),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{name}=()" for name in _DEVICES),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    # Older browsers know this one alone; it cannot name another site.
    return known | ({"X-Frame-Options": "SAMEORIGIN"} if ancestors == "'self'" else {})


def is_same_origin(headers: Headers) -> bool:
    """Tell whether a request comes from a page of this server, port and all, or from no page."""
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        page = urlsplit(origin)
        usual = _PORTS[page.scheme]
        host = urlsplit(f"//{headers.get('host', '')}")
        return (page.hostname, page.port or usual) == (host.hostname, host.port or usual)
    except (KeyError, ValueError):
        return False


class Shield:
    """Adds the headers, closes what is not offered, refuses other origins, tells no path.

    Parameters
    ----------
    app : ASGIApp
        What is shielded.
    page : str
        The HTML of the pages.
    ancestors : str
        Who may show it in a frame.
    script : str
        Path of the program's entry, which Streamlit would tell each visitor.
    """

    def __init__(self, app: ASGIApp, page: str, ancestors: str, script: str = "") -> None:
        self.app = app
        self.script = script.encode()
        # As long as the path is: a text within a message says its length.
        self.masked = Path(script).name.rjust(len(self.script), "/").encode()
        self.page_policy = policy(page, ancestors)
        self.headers = security_headers(ancestors)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on unless it is refused."""
        if scope["type"] == "websocket":
            if not is_same_origin(Headers(scope=scope)):
                await send({"type": "websocket.close", "code": 1008})  # the server says 403
                return
            await self._hold(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add_headers(message)
            await send(message)

        path = scope["path"].rstrip("/")
        if any(path == prefix or path.startswith(prefix + "/") for prefix in CLOSED):
            await _refuse(send_shielded, 404, b"not offered")
        elif scope["method"] not in _SAFE and not is_same_origin(Headers(scope=scope)):
            await _refuse(send_shielded, 403, b"of another origin")
        else:
            await self.app(scope, receive, send_shielded)

    def _add_headers(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in self.headers.items():
            headers[name] = value
        if message["status"] == 304:
            # A browser writes what a 304 says over the page it has stored (RFC 9111, 3.2).
            del headers["Content-Security-Policy"]
        elif headers.get("content-type", "").startswith("text/html"):
            headers["Content-Security-Policy"] = self.page_policy

    async def _hold(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a websocket on: pages send bytes alone, and are not told where the program lies."""

        async def receive_bytes() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and message.get("bytes") is None:
                await send({"type": "websocket.close", "code": 1003})
                return {"type": "websocket.disconnect", "code": 1003}
            return message

        async def send_masked(message: Message) -> None:
            content = message.get("bytes")
            if self.script and content and self.script in content:
                message = {**message, "bytes": content.replace(self.script, self.masked)}
            await send(message)

        await self.app(scope, receive_bytes, send_masked)


async def _refuse(send: Send, status: int, text: bytes) -> None:
    head = [(b"content-type", b"text/plain"), (b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": text})

"""The path below which the dashboard is served, where it shares a host name with others."""

from __future__ import annotations

import os
import re

from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pipelines.core.errors import InputError

SETTING = "HINTERLAND_BASE_PATH"
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")


def base_path() -> str:
    """Return the path as ``/a`` or ``/a/b``; empty where the dashboard has a host of its own.

    Raises
    ------
    InputError
        The setting is no path.
    """
    stated = "/" + os.environ.get(SETTING, "").strip("/")
    if stated == "/":
        return ""
    if not _PATH.fullmatch(stated) or any(part in (".", "..") for part in stated.split("/")):
        raise InputError(
            f"{SETTING}: {stated!r} found; allowed is a path of letters, digits and . _ ~ -,"
            " like /hinterland."
        )
    return stated


class Below:
    """Serves an application below a path; whatever lies beside it is not there.

    A proxy in front hands the whole path on. The application sees its own paths alone.
    """

    def __init__(self, app: ASGIApp, base: str) -> None:
        self.app = app
        self.base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the path off and hand the request on."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        path = str(scope["path"])
        if path == self.base:
            query = scope["query_string"].decode("latin-1")
            address = f"{self.base}/" + (f"?{query}" if query else "")
            if scope["type"] == "http":
                await RedirectResponse(address)(scope, receive, send)
                return
        if not path.startswith(f"{self.base}/"):
            if scope["type"] == "http":
                await PlainTextResponse("not found", 404)(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1000})
            return
        inner = path.removeprefix(self.base)
        await self.app({**scope, "path": inner, "raw_path": inner.encode()}, receive, send)

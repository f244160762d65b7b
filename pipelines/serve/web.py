"""Routes beside the dashboard: map files, fetched once by the browser, and health."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipelines.core import paths
from pipelines.core.errors import MartUnavailable
from pipelines.core.pointer import read_pointer
from pipelines.serve import near, tooltips
from pipelines.serve.base import base_path

PREFIX = "/maps"
_STEM = re.compile(r"mart-[0-9a-f]{16}-[0-9TZ]+")
_NAME = re.compile(r"[a-z0-9-]+")
_TILE = re.compile(r"0_(-?[0-9]{1,3})_(-?[0-9]{1,3})")


def map_file(request: Request) -> Response:
    """Serve one gzipped map file of a published database, to be kept for ever."""
    stem, name = request.path_params["stem"], request.path_params["name"]
    if not (_STEM.fullmatch(stem) and _NAME.fullmatch(name)):
        return Response("no such map file", status_code=404)
    path: Path = paths.build_dir() / f"{stem}.maps" / f"{name}.json.gz"
    if not path.is_file():
        return Response("no such map file", status_code=404)
    return Response(
        path.read_bytes(),
        media_type="application/json",
        headers={
            "Content-Encoding": "gzip",
            # The address names the build, so its content never changes.
            "Cache-Control": "public, max-age=31536000, immutable",
        },
    )


def near_tile(request: Request) -> Response:
    """Serve the finer outlines of a part of the map; empty where there are none."""
    stem, level, tile = (request.path_params[name] for name in ("stem", "level", "tile"))
    place = _TILE.fullmatch(tile)
    path: Path = paths.build_dir() / f"{stem}.maps" / f"near-{level}.json.gz"
    if not (_STEM.fullmatch(stem) and place and path.is_file()):
        return Response("no such map file", status_code=404)
    try:
        content = near.tile(path, int(place[1]), int(place[2]))
    except (OSError, EOFError, zlib.error, ValueError):
        return Response("this map file cannot be read", status_code=404)
    return Response(
        content,
        media_type="application/json",
        headers={
            "Content-Encoding": "gzip",
            "Cache-Control": "public, max-age=31536000, immutable",
        },
    )


def tooltip_file(request: Request) -> Response:
    """Serve the figures of a map's tooltips that a page has offered."""
    packed = tooltips.OFFERS.packed(request.path_params["key"])
    if packed is None:
        return Response("no such figures", status_code=404)
    return Response(
        packed,
        media_type="application/json",
        headers={
            "Content-Encoding": "gzip",
            # A user's own figures are among them: they stay in the browser.
            "Cache-Control": "private, max-age=31536000, immutable",
        },
    )


def health(_request: Request) -> Response:
    """Say which database is served."""
    try:
        pointer = read_pointer(paths.build_dir())
    except MartUnavailable:
        # The reason names folders of the server; its operator finds it with `hinterland status`.
        return JSONResponse({"status": "no data"}, status_code=503)
    return JSONResponse({"status": "ok", "hash": pointer.hash, "built_at": pointer.built_at})


ROUTES = [
    Route(PREFIX + "/{stem}/{name}.json", map_file),
    Route(PREFIX + "/{stem}/near-{level:int}/{tile}.json", near_tile),
    Route(tooltips.PREFIX + "/{key}.json", tooltip_file),
    Route("/health", health),
]


def map_address(stem: str, name: str) -> str:
    """Return the address of a map file."""
    return f"{base_path()}{PREFIX}/{stem}/{name}.json"


def near_address(stem: str, level: int) -> str:
    """Return the address of the finer outlines of a level; deck.gl fills in z, x and y."""
    return f"{base_path()}{PREFIX}/{stem}/near-{level}/{{z}}_{{x}}_{{y}}.json"


class EarlyModules:
    """Names, in the head of each page, programs that the page will ask for later."""

    def __init__(self, app: ASGIApp, addresses: list[str], scripts: Sequence[str] = ()) -> None:
        self.app = app
        base = base_path()
        links = [f"<{base}{address}>; rel=modulepreload" for address in addresses]
        links += [f"<{base}{address}>; rel=preload; as=script" for address in scripts]
        self.link = ", ".join(links)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on; add a ``Link`` to the answer where it is a page."""

        async def send_with_link(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if self.link and headers.get("content-type", "").startswith("text/html"):
                    headers.append("Link", self.link)
            await send(message)

        await self.app(scope, receive, send_with_link if scope["type"] == "http" else send)

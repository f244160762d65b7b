"""The documentation beside the dashboard: ``/docs``, as ``make docs`` wrote it.

Only files of the site's folder are answered with, and only of the kinds that a site has; a
name that leads out of it, hidden or by a link, is not there.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from pipelines.core import paths
from pipelines.serve.base import base_path

PREFIX = "/docs"
MEDIA = {
    ".css": "text/css",
    ".csv": "text/csv",
    ".gif": "image/gif",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".xml": "application/xml",
    ".yaml": "text/plain",
}
NOT_BUILT = (
    "The documentation is not built here. In the project's folder 'make docs' builds it; the "
    "dashboard then serves it at this address. Its pages lie as text in the folder docs.\n"
)
# No part begins with a dot: neither '..' nor a hidden file.
_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")


def document(request: Request) -> Response:
    """Answer with one file of the site; a folder answers with its ``index.html``."""
    site = paths.site_dir()
    if not (site / "index.html").is_file():
        return PlainTextResponse(NOT_BUILT, status_code=404)
    file = site_file(site, request.path_params["path"])
    if file is None:
        return PlainTextResponse("no such page of the documentation\n", status_code=404)
    content = file.read_bytes()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=MEDIA[file.suffix], headers=headers)


def site_file(site: Path, name: str) -> Path | None:
    """Return the file of a name in the site's folder; None where there is none.

    Parameters
    ----------
    site : Path
        The folder.
    name : str
        Path below it with ``/``; empty, or with ``/`` at its end, it means ``index.html``.
    """
    parts = (f"{name}index.html" if not name or name.endswith("/") else name).split("/")
    if not all(_PART.fullmatch(part) for part in parts):
        return None
    file = site.joinpath(*parts).resolve()
    if not file.is_relative_to(site.resolve()) or file.suffix not in MEDIA or not file.is_file():
        return None
    return file


def address(name: str) -> str | None:
    """Return the address of a file of the site, as a page of the dashboard links to it.

    It is relative, for every page lies one step below the dashboard's path; None where the site
    was not built or has no such file.
    """
    return f"{PREFIX[1:]}/{name}" if site_file(paths.site_dir(), name) else None


def entrance(_request: Request) -> Response:
    """Lead to the first page, whose links are relative to its folder."""
    return RedirectResponse(f"{base_path()}{PREFIX}/")


ROUTES = [
    Route(PREFIX, entrance),
    Route(PREFIX + "/{path:path}", document),
]

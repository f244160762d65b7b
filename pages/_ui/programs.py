"""The browser's programs that the first map and the filters beside it need."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response

#: The map first, for it is the largest. Charts and tables stand lower: they may come later.
FIRST = ("DeckGlJsonChart", "Html", "Multiselect", "Selectbox", "Slider", "TextInput", "Metric")
_STATIC = Path(st.__file__).parent / "static"
#: Streamlit's page, the frame of all of ours.
PAGE = _STATIC / "index.html"
_IMPORT = re.compile(r'(?:from|import)\s*"\./([^"]+\.js)"')


_OWN = re.compile(r"\./(static/[^\"]+\.(?:js|css))\"")


_HERE = Path(__file__)
# The look comes with the tools: in a page's own style it would be sent with every rerun.
_STYLE = "".join(
    _HERE.with_name(name).read_text("utf-8") for name in ("map_tools.css", "print.css")
)
_TOOLS = f"var STYLE = {json.dumps(_STYLE)};\n" + _HERE.with_name("map_tools.js").read_text("utf-8")
#: The tools of maps: their address names their content, so that a browser keeps them.
TOOLS = f"/programs/map-tools-{hashlib.sha256(_TOOLS.encode()).hexdigest()[:12]}.js"


def map_tools(_request: Request) -> Response:
    """Serve the tools of maps."""
    return Response(
        gzip.compress(_TOOLS.encode(), mtime=0),
        media_type="text/javascript",
        headers={
            "Content-Encoding": "gzip",
            "Cache-Control": "public, max-age=31536000, immutable",
        },
    )


def program_files() -> dict[str, Path]:
    """Return address and file of each program of a first map, the page's own first."""
    addresses = [f"/{name}" for name in _OWN.findall(PAGE.read_text("utf-8"))] + first_programs()
    files = {address: _STATIC / address.removeprefix("/") for address in addresses}
    return {address: file for address, file in files.items() if file.is_file()}


def first_programs() -> list[str]:
    """Return the addresses of these programs and of all they import, but for the page's own.

    Streamlit's page asks for them only when the first element of a kind has come; named in the
    page's head they are fetched and read while the server still computes. None are found where
    a later Streamlit names them otherwise: the page then works as without.
    """
    page = PAGE.read_text("utf-8")
    folder = _STATIC / "static" / "js"
    addresses: dict[str, None] = {}
    waiting = [path for name in reversed(FIRST) for path in folder.glob(f"{name}.*.js")]
    while waiting:
        path = waiting.pop()
        if path.name not in addresses and path.name not in page and path.is_file():
            addresses[path.name] = None
            imports = _IMPORT.findall(path.read_text("utf-8"))
            waiting += [path.parent / name for name in imports]
    return [f"/static/js/{name}" for name in addresses]

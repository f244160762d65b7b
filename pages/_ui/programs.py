"""The browser's programs that draw a map: large, and wanted on the first page."""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

_STATIC = Path(st.__file__).parent / "static"
_IMPORT = re.compile(r'(?:from|import)\s*"\./([^"]+\.js)"')


def map_programs() -> list[str]:
    """Return the addresses of the map's program and of all it imports, but for the page's own.

    Streamlit's page asks for them only when the first map has come; named in the page's head
    they are fetched and read while the server still computes. None are found where a later
    Streamlit names them otherwise: the page then works as without.
    """
    page = (_STATIC / "index.html").read_text("utf-8")
    found: dict[str, None] = {}
    waiting = sorted((_STATIC / "static" / "js").glob("DeckGlJsonChart.*.js"))
    while waiting:
        path = waiting.pop()
        if path.name not in found and path.name not in page and path.is_file():
            found[path.name] = None
            imports = _IMPORT.findall(path.read_text("utf-8"))
            waiting += [path.parent / name for name in imports]
    return [f"/static/js/{name}" for name in found]

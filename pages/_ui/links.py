"""Links to a page with its choice in the address.

They are plain links: a choice that two pages bind to their address stays what it was when
Streamlit itself changes the page, or is refused; a page that is loaded reads its address.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from pipelines.serve import moved

#: What each link takes along: the language, and the visitor's own place.
_CARRIED = ("lang", "my")
#: Pages whose classes follow the thresholds that the address moves.
_DIALLED = ("place", "compare", "regions", "shrinking", "shrinking_and_thin")


def link(page: str, label: str, choices: Mapping[str, Any], place: Any = st) -> None:
    """Draw a link.

    Parameters
    ----------
    page : str
        The page's file, as in ``pages/towns.py``.
    label : str
        Its text as it is, without Markdown.
    choices : mapping
        What the page's address says, value by name.
    place : object, optional
        Column or container to draw in.
    """
    place.html(anchor(page, label, choices))


def anchor(page: str, label: str, choices: Mapping[str, Any], section: str = "") -> str:
    """Return a link as HTML, every text in it escaped; it keeps language and place of the visit.

    ``section`` is the part of the page that it leads to.
    """
    carried = {name: st.session_state[name] for name in _CARRIED if st.session_state.get(name)}
    if Path(page).stem in _DIALLED:
        carried |= {name: st.query_params[name] for name in moved.NAMES if name in st.query_params}
    address = f"{address_of(page)}?{urlencode({**choices, **carried}, doseq=True)}"
    address += f"#{section}" if section else ""
    return f'<a class="hinterland-link" href="{escape(address)}">{escape(label)}</a>'


def address_of(page: str) -> str:
    """Return the address of a page's file, relative to any other page's."""
    return Path(page).stem.replace("_", "-")

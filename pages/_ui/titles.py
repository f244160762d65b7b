"""The title of the tab: it names the place and the page, for history, bookmarks and readers."""

from __future__ import annotations

import streamlit as st

_PAGE = "page_title"


def enter(page: str) -> None:
    """Name the tab after the page that begins."""
    st.session_state[_PAGE] = page
    _set(page)


def page() -> str:
    """Return the title of the page in sight."""
    return str(st.session_state.get(_PAGE, ""))


def name(place: str) -> None:
    """Name the tab after a place, too: "Bebra · Towns · Hinterland"."""
    _set(place, st.session_state.get(_PAGE, ""))


def _set(*parts: str) -> None:
    st.set_page_config(page_title=" · ".join([*filter(None, parts), "Hinterland"]))

"""The search on every page: as one types, places by any name or code, and a way to each."""

from __future__ import annotations

import streamlit as st

from pages._ui import state
from pages._ui.texts import N_, _, echo, said
from pipelines.core.errors import InputError, MartUnavailable
from pipelines.serve import search
from pipelines.serve.store import Store

#: Page and name in its address by kind of place.
_PAGES = {
    "region": ("pages/regions.py", "region"),
    "town": ("pages/towns.py", "town"),
    "case study": ("pages/case_studies.py", "case"),
}
_ICONS = {"region": "map", "town": "location_city", "case study": "science"}
_LEVELS = {0: N_("country"), 1: N_("NUTS 1"), 2: N_("NUTS 2"), 3: N_("NUTS 3")}
#: Milliseconds without a letter after which the text is searched.
_PAUSE = "250ms"
#: So many places are shown at most.
_MOST = 9
_TEXT = "find_place"


@st.fragment
def find_place() -> None:
    """Draw the search and what it found; a single place of this name opens."""
    text = st.text_input(
        _("Find a region, town or case study"),
        key=_TEXT,
        type="search",
        live=_PAUSE,
        max_chars=search.LONGEST,
        label_visibility="collapsed",
        placeholder=_("Find a region, town or case study: Rome, Łódź, Αθήνα, DE733"),
        icon=":material/search:",
        width=480,
    ).strip()
    if len(text) < 2:
        return
    try:
        hits = state.ask(Store.current(), search.places, text, None, _MOST)
    except MartUnavailable:
        return  # the page says so
    except InputError as error:
        st.warning(said(error))
        return
    if not hits:
        st.caption(_("Nothing is called '{text}'.").format(text=echo(text)))
    elif len(hits) == 1 and hits[0].is_exact and st.session_state.get("_found") != text:
        st.session_state["_found"] = text
        page, name = _PAGES[hits[0].kind]
        st.switch_page(page, query_params={name: hits[0].id})
    else:
        _list(hits)


def _list(hits: list[search.Place]) -> None:
    with st.container(horizontal=True, gap="small"):
        for hit in hits:
            page, name = _PAGES[hit.kind]
            st.page_link(
                page,
                label=_label(hit),
                icon=f":material/{_ICONS[hit.kind]}:",
                query_params={name: hit.id},
            )


def _label(hit: search.Place) -> str:
    """Return name, what it is and where, and its people."""
    kind = {"town": hit.region, "case study": _("case study")}.get(
        hit.kind, f"{_(_LEVELS[hit.level or 0])}, {hit.id}"
    )
    people = _("{n:,} people").format(n=hit.people) if hit.people else None
    where = ", ".join(str(part) for part in (kind, hit.country, people) if part)
    return f"{hit.name} ({where})"

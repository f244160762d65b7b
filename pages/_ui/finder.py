"""The search on every page: as one types, places by any name or code, and a way to each."""

from __future__ import annotations

import re
from dataclasses import replace

import streamlit as st
from streamlit.errors import StreamlitAPIException

from pages._ui import state
from pages._ui.links import anchor
from pages._ui.texts import N_, _, echo, figure, said
from pipelines.core.errors import InputError, MartUnavailable
from pipelines.serve import search
from pipelines.serve.store import Store

#: Page and name in its address by kind of place.
_PAGES = {
    "region": ("pages/place.py", "region"),
    "town": ("pages/place.py", "town"),
    "case study": ("pages/case_studies.py", "case"),
}
_LEVELS = {0: N_("country"), 1: N_("NUTS 1"), 2: N_("NUTS 2"), 3: N_("NUTS 3")}
#: Milliseconds without a letter after which the text is searched.
PAUSE = "250ms"
#: So many places are shown at most.
_MOST = 9
_TEXT = "find_place"
#: What the page Place is asked to show, by a name that no page binds.
OPENED = "open"
#: The text whose only place was opened.
_OPENED = "found_place"


# What official names of regions begin with, in the languages of the regions.
_WHAT_IT_IS = re.compile(
    r"^(landkreis|lkr?\.?|kreis|stadtkreis|kreisfreie stadt|stadt|bezirk|"
    r"(province|district|county|region|city) of|provincia d[ei]|provincie|departement|"
    r"département|arrondissement|powiat|okres|judeţul|județul|comune di|gemeente|gemeinde)\s+",
    re.I,
)


@st.fragment
def find_place() -> None:
    """Draw the search and what it found; a single place of this name opens."""
    text = st.text_input(
        _("Find a region, town or case study"),
        key=_TEXT,
        type="search",
        live=PAUSE,
        max_chars=search.LONGEST,
        label_visibility="collapsed",
        placeholder=_("Find a region, town or case study: Rome, Łódź, Αθήνα, DE733"),
        icon=":material/search:",
        width=480,
    ).strip()
    if len(text) < 2:
        return
    try:
        hits = places(text, None, _MOST)
    except MartUnavailable:
        return  # the page says so
    except InputError as error:
        st.warning(said(error))
        return
    if not hits:
        st.caption(_("Nothing is called '{text}'.").format(text=echo(text)))
    elif len(hits) == 1 and hits[0].is_exact and st.session_state.get(_OPENED) != text:
        st.session_state[_OPENED] = text
        _open(hits[0])
    else:
        _list(hits)


def places(text: str, kind: str | None, most: int) -> list[search.Place]:
    """Return the places of a name; where there is none, those of it without what it is.

    ``Landkreis Vogelsberg`` is listed as ``Vogelsbergkreis``.
    """
    store = Store.current()
    hits: list[search.Place] = state.ask(store, search.places, text, kind, most)
    bare = _WHAT_IT_IS.sub("", text).strip()
    if hits or len(bare) < 2 or bare == text:
        return hits
    # A guess is shown, not opened.
    return [
        replace(hit, is_exact=False) for hit in state.ask(store, search.places, bare, kind, most)
    ]


def _open(hit: search.Place) -> None:
    """Go to the page of a place, or choose it on this one where its address says which."""
    page, name = _PAGES[hit.kind]
    if hit.kind != "case study":  # the page in sight may bind the name of the place in its address
        st.switch_page(page, query_params={OPENED: hit.id})
    try:
        st.switch_page(page, query_params={name: hit.id})
    except StreamlitAPIException:  # the page in sight binds the name: its session may set it
        st.session_state[name] = hit.id
        st.rerun()


def _list(hits: list[search.Place]) -> None:
    lines = [anchor(*_page(hit)) for hit in hits]
    st.html(f'<div class="hinterland-hits">{"".join(lines)}</div>')


def _page(hit: search.Place) -> tuple[str, str, dict[str, str]]:
    page, name = _PAGES[hit.kind]
    return page, label(hit), {name: hit.id}


def label(hit: search.Place) -> str:
    """Return name, what it is and where, and its people."""
    kind = {"town": hit.region, "case study": _("case study")}.get(
        hit.kind, f"{_(_LEVELS[hit.level or 0])}, {hit.id}"
    )
    people = _("{n} people").format(n=figure(hit.people)) if hit.people else None
    country = _(hit.country) if hit.country else None
    where = ", ".join(str(part) for part in (kind, country, people) if part)
    return f"{hit.name} ({where})"

"""My place: chosen once, kept through the visit and in the address, one click away on each page."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

import streamlit as st

from pages._ui import state
from pages._ui.links import address_of, anchor
from pages._ui.texts import _, echo
from pipelines.serve import places
from pipelines.serve.places import Named
from pipelines.serve.store import Store

#: Its name in the session and in the address.
KEY = "my"


def read(store: Store) -> Named | None:
    """Return my place: what the address states, else what the visit knows; said if unknown."""
    stated = st.query_params.get(KEY, "").strip()
    code = stated or str(st.session_state.get(KEY) or "")
    if not code:
        return None
    place = state.ask(store, places.named, code)
    if place is None:
        st.session_state.pop(KEY, None)
        st.query_params.pop(KEY, None)
        st.warning(
            _("My place: there is no place with the code {code}.").format(code=echo(code)),
            icon=":material/link_off:",
        )
        return None
    st.session_state[KEY] = place.id
    if stated != place.id:
        st.query_params[KEY] = place.id
    return place


def is_mine(place: str) -> bool:
    """Tell whether a place is mine."""
    return bool(st.session_state.get(KEY) == place)


def choose(place: str) -> None:
    """Make a place mine, or nobody's with an empty text."""
    if place:
        st.session_state[KEY] = st.query_params[KEY] = place
    else:
        st.session_state.pop(KEY, None)
        st.query_params.pop(KEY, None)


def show(store: Store) -> None:
    """Draw the way to my place, and this page as it looks from there."""
    place = read(store)
    if place is None:
        return
    sheet = anchor("pages/place.py", place.name, {place.kind: place.id})
    parts = [f"{escape(_('My place'))}: {sheet}"]
    page = str(st.session_state.get("page_name", ""))
    if focus := _focus(page, place):
        others = {k: st.query_params.get_all(k) for k in st.query_params if k not in focus}
        query = urlencode({**others, **focus, KEY: place.id}, doseq=True)
        here = escape(f"{address_of(f'pages/{page}.py')}?{query}")
        label = escape(_("show it on this page"))
        parts.append(f'<a class="hinterland-link" href="{here}">{label}</a>')
    st.html(
        f'<nav class="hinterland-mine" aria-label="{escape(_("My place"))}">'
        f"{' · '.join(parts)}</nav>"
    )


def _focus(page: str, place: Named) -> dict[str, str]:
    """Return what a page's address says where it starts at a place; empty where it cannot."""
    level = _(state.LEVELS[len(place.region) - 2]) if place.region else ""
    region = {"region": place.region} if place.region else {}
    town = {"town": place.id} if place.kind == "town" else {}
    country = {"country": place.country}
    return {
        "regions": region | ({"level": level} if region else {}),
        "shrinking": region | ({"level": level} if region else {}),
        "shrinking_and_thin": region | ({"level": level} if region else {}),
        "remoteness": {"view": "around", **town} if town else country,
        "services": country,
        "towns": town or ({"within": place.region} if region else country),
        "small_towns": town or country,
        "social_places": country,
        "what_fits": town,
    }.get(page, {})

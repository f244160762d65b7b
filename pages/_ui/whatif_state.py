"""The question of *What if*: which sites close and which open, in the session and the address.

The address holds ids and places, never labels: ``closed=<id>`` and ``opened=lat,lon[,name]``,
each once a site.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from pages._ui.texts import _, echo, said
from pipelines.core.errors import InputError
from pipelines.serve import whatif
from pipelines.serve.whatif import MOST_CLOSED, MOST_OPENED, Opened

CLOSED, OPENED = "closed", "opened"
_SLOTS = {CLOSED: "whatif_closed", OPENED: "whatif_opened"}
_WRITTEN, _NOTES, _BOX = "whatif_written", "whatif_notes", "whatif_box"


def closed() -> list[str]:
    """Return the ids of the sites that close."""
    return list(st.session_state.get(_SLOTS[CLOSED], []))


def opened() -> list[Opened]:
    """Return the sites that open."""
    return list(st.session_state.get(_SLOTS[OPENED], []))


def set_closed(ids: Sequence[str]) -> None:
    """Close these sites and no others."""
    _put(CLOSED, list(dict.fromkeys(ids)), MOST_CLOSED)


def set_opened(places: Sequence[Opened]) -> None:
    """Open sites at these places and no others."""
    _put(OPENED, list(dict.fromkeys(places)), MOST_OPENED)


def toggle(site: str) -> None:
    """Close a site, or open it again."""
    ids = closed()
    set_closed([i for i in ids if i != site] if site in ids else [*ids, site])


def start_again() -> None:
    """Close and open nothing."""
    set_closed([])
    set_opened([])
    st.session_state.pop(_BOX, None)


def _put(kind: str, values: list[object], most: int) -> None:
    notes = []
    if len(values) > most:
        notes.append(_("At most {n} sites are taken; the others are left out.").format(n=most))
    st.session_state[_SLOTS[kind]] = values[:most]
    st.session_state[_NOTES] = notes


def read_address() -> None:
    """Take what the address states, once; what cannot be read is said until something changes."""
    written = st.session_state.get(_WRITTEN, {})
    for kind in (CLOSED, OPENED):
        stated = st.query_params.get_all(kind)
        if not stated or stated == written.get(kind):
            continue
        if kind == CLOSED:
            # Ids with commas between them are taken, too: they hold none.
            set_closed([one for text in stated for one in text.split(",") if one])
        else:
            _read_opened(stated)


def _read_opened(stated: Sequence[str]) -> None:
    places, notes = [], []
    for text in stated[: MOST_OPENED + 1]:
        try:
            places.append(whatif.opened_of(text))
        except InputError as error:
            notes.append(said(error))
    set_opened(places)
    st.session_state[_NOTES] += notes


def drop_unknown(known: Collection[str]) -> None:
    """Leave out sites that the service does not have, and say so."""
    strangers = [site for site in closed() if site not in known]
    if strangers:
        notes = st.session_state.get(_NOTES, [])
        set_closed([site for site in closed() if site in known])
        names = ", ".join(f"'{echo(site)}'" for site in strangers[:3])
        more = _(" and {n} more").format(n=len(strangers) - 3) if len(strangers) > 3 else ""
        text = _("No site of this service that counts has the id {names}{more}.")
        st.session_state[_NOTES] = [*notes, text.format(names=names, more=more)]


def write_address() -> None:
    """State the question in the address."""
    values = {
        CLOSED: closed(),
        OPENED: [place.in_address() for place in opened()],
    }
    for kind, stated in values.items():
        if stated:
            if st.query_params.get_all(kind) != stated:
                st.query_params[kind] = stated
        elif kind in st.query_params:
            del st.query_params[kind]
    st.session_state[_WRITTEN] = values


def show_notes() -> None:
    """Say what of the address or of a click was not taken."""
    for note in st.session_state.get(_NOTES, []):
        st.warning(note, icon=":material/link_off:")


def view_box(around: Sequence[tuple[float, float]], margin: float) -> list[float] | None:
    """Return the view: it stays while what it is about lies well inside, so that it seldom jumps.

    Parameters
    ----------
    around : sequence of (x, y)
        Sites and towns that the question is about (km, EPSG:3035).
    margin : float
        Kilometres around them.
    """
    if not around:
        st.session_state.pop(_BOX, None)
        return None
    xs, ys = [x for x, _y in around], [y for _x, y in around]
    box: list[float] | None = st.session_state.get(_BOX)
    inner = margin / 2
    if box and (
        min(xs) - inner >= box[0]
        and min(ys) - inner >= box[1]
        and max(xs) + inner <= box[2]
        and max(ys) + inner <= box[3]
        and max(box[2] - box[0], box[3] - box[1])
        <= 2 * max(max(xs) - min(xs) + 2 * margin, max(ys) - min(ys) + 2 * margin)
    ):
        return box
    box = [min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin]
    st.session_state[_BOX] = box
    return box

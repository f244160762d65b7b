"""Which places are compared: the address holds them, search, chips and suggestions change it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import streamlit as st

from pages._ui import finder, my_place, state
from pages._ui.texts import N_, _, echo, plain
from pipelines.core.errors import InputError
from pipelines.serve import places, search, side_by_side_offers
from pipelines.serve.places import GEONAMES_ID, NUTS_CODE
from pipelines.serve.side_by_side import MOST, told_apart
from pipelines.serve.store import Store

#: Name in the address by kind of place.
NAMES = {"region": "regions", "town": "towns"}
_FORMS = {"region": NUTS_CODE, "town": GEONAMES_ID}
_TEXT, _CHANGED = "compare_search", "compare_changed"
_HITS = 8
_ECHOED = 3
#: The last of them is where nothing is raised: NUTS 3 are the smallest regions.
_LEVELS = {3: N_("as chosen"), 2: "NUTS 2", 1: "NUTS 1", 0: "Countries"}


@dataclass(frozen=True)
class Chosen:
    """The places that are compared.

    Attributes
    ----------
    kind : {"region", "town", ""}
        Empty where there are none.
    codes : tuple of str
        NUTS codes of 2021, or GeoNames ids; at most ``MOST``.
    names : tuple of str
        Each told from others of the same name.
    """

    kind: str
    codes: tuple[str, ...]
    names: tuple[str, ...]


def read(store: Store) -> Chosen:
    """Return what the address states, else my place; what cannot be compared is said at once."""
    stated = {kind: _codes(st.query_params.get(name, "")) for kind, name in NAMES.items()}
    told = []
    kind = next((k for k, codes in stated.items() if codes), "")
    if all(stated.values()):
        told.append(_("Regions and towns are compared apart: shown are the regions."))
    known, unknown, beyond = _known(store, kind, stated.get(kind, []))
    if unknown:
        allowed = {
            "region": _("Allowed are NUTS codes of 2021, such as regions=DE733,BG311."),
            "town": _("Allowed are GeoNames ids, such as towns=2951793,725905."),
        }[kind]
        more = ", …" if len(unknown) > _ECHOED else ""
        text = _("The address names places that are not known: {codes}. {allowed}")
        codes = ", ".join(f"'{echo(code)}'" for code in unknown[:_ECHOED])
        told.append(text.format(codes=codes + more, allowed=allowed))
    if beyond:
        text = _("At most {most} places are compared: {n} of the address are left out.")
        told.append(text.format(most=MOST, n=f"{beyond:,}"))
    if told:
        st.warning(" ".join(told), icon=":material/link_off:")
    if not kind and (mine := my_place.read(store)):
        kind, known = mine.kind, [mine]
    pairs = [(place.id, place.name) for place in known]
    return Chosen(kind if pairs else "", tuple(c for c, _name in pairs), told_apart(pairs))


def _codes(text: str) -> list[str]:
    """Return the codes of a text, each once, parted by commas, semicolons or blanks."""
    return list(dict.fromkeys(filter(None, re.split(r"[\s,;]+", text.upper()))))


def _known(store: Store, kind: str, codes: list[str]) -> tuple[list[places.Named], list[str], int]:
    """Return the places of some codes, those that are none, and how many are too many."""
    known: list[places.Named] = []
    unknown, beyond = [], 0
    for code in codes:
        if not _FORMS[kind].fullmatch(code):
            unknown.append(code)
        elif len(known) == MOST:
            beyond += 1
        elif place := state.ask(store, places.named, code):
            known.append(place)
        else:
            unknown.append(code)
    return known, unknown, beyond


def draw(store: Store, chosen: Chosen) -> int:
    """Draw the chosen places, each with a way to remove it, search, suggestions and level.

    Returns
    -------
    int
        The NUTS level at which regions are shown; smaller ones are replaced by it.
    """
    if chosen.codes:
        _chips(chosen)
    is_full = len(chosen.codes) == MOST
    if not chosen.codes:
        _search("", ())
        return 3
    add, offered, at = st.columns([5, 3, 2], vertical_alignment="bottom")
    with add:
        if is_full:
            st.caption(
                _("{most} places are the most: remove one to add another.").format(most=MOST)
            )
        else:
            _search(chosen.kind, chosen.codes)
    if not is_full and len(chosen.codes) > 1:
        with offered.popover(_("Suggestions"), icon=":material/add:", width="stretch"):
            _offers(store, chosen)
    shown = 3
    if chosen.kind == "region":
        with at:
            shown = _level()
    if len(chosen.codes) == 1:
        with st.container(border=True):
            _offers(store, chosen)
    return shown


def _chips(chosen: Chosen) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        for code, name in zip(chosen.codes, chosen.names, strict=True):
            rest = tuple(c for c in chosen.codes if c != code)
            st.button(
                plain(_(name)),
                icon=":material/close:",
                key=f"remove_{code}",
                help=_("Remove {name} ({code})").format(name=plain(_(name)), code=code),
                on_click=_write,
                args=(chosen.kind, rest),
            )


def _level() -> int:
    """Draw the choice of the level at which regions are shown."""
    return state.select(
        _("Level"),
        _LEVELS,
        "level",
        help=_("Smaller regions are replaced by those of this level that they lie in."),
    )


def _write(kind: str, codes: tuple[str, ...]) -> None:
    """Write places into the address."""
    for name in NAMES.values():
        st.query_params.pop(name, None)
    if codes:
        st.query_params[NAMES[kind]] = ",".join(codes)


def _take(kind: str, codes: tuple[str, ...]) -> None:
    """Write places that were found; the search begins anew, the page is drawn again."""
    _write(kind, codes)
    st.session_state[_TEXT] = ""
    st.session_state[_CHANGED] = True


@st.fragment
def _search(kind: str, codes: tuple[str, ...]) -> None:
    """Draw the search of all pages; what it finds here is added."""
    if st.session_state.pop(_CHANGED, False):
        st.rerun()
    label = {
        "region": _("Add a region: name or code"),
        "town": _("Add a town: name or GeoNames id"),
    }.get(kind, _("Add a region or town: name or code"))
    text = st.text_input(
        label,
        key=_TEXT,
        type="search",
        live=finder.PAUSE,
        max_chars=search.LONGEST,
        icon=":material/add:",
        placeholder=_("Type its name as you would write it"),
        width=480,
    ).strip()
    if len(text) < 2:
        return
    try:
        hits = finder.places(text, kind or None, _HITS)
    except InputError:
        hits = []
    hits = [hit for hit in hits if hit.kind in NAMES and hit.id not in codes]
    if not hits:
        st.caption(_("Nothing else is called '{text}'.").format(text=echo(text)))
    with st.container(horizontal=True):
        for hit in hits:
            st.button(
                plain(finder.label(hit)),
                key=f"add_{hit.id}",
                icon=":material/add:",
                on_click=_take,
                args=(hit.kind, (*codes, hit.id)),
            )


def _offers(store: Store, chosen: Chosen) -> None:
    """Draw whom the first place may be compared with, one click away."""
    offers = state.ask(store, side_by_side_offers.offers, chosen.codes[0])
    groups = [(_(offer.group), offer.places) for offer in offers]
    mine = my_place.read(store)
    if mine and mine.kind == chosen.kind:
        groups.append((_("My place"), ((mine.id, mine.name),)))
    st.markdown(_("For **{name}**:").format(name=plain(_(chosen.names[0]))))
    for label, listed in groups:
        free = [(code, name) for code, name in listed if code not in chosen.codes]
        if not free:
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{plain(label)}:", width="content")
            for (code, _name), name in zip(free, told_apart(free), strict=True):
                st.button(
                    plain(_(name)),
                    key=f"offer_{label}_{code}",
                    icon=":material/add:",
                    help=code if chosen.kind == "region" else None,
                    on_click=_write,
                    args=(chosen.kind, (*chosen.codes, code)),
                )

"""The list of pages, and what runs one: a new page is its file and an entry here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.commands import navigation

from pages._ui import address, glossary, language, my_place, state, titles, turns
from pages._ui.chrome import BROKEN, footer, style
from pages._ui.finder import find_place
from pages._ui.texts import N_, _, said
from pipelines.core.errors import HinterlandError
from pipelines.serve import places
from pipelines.serve.store import Store

#: Whether this run began at an address without a page.
_UNKNOWN = "page_unknown"


@dataclass(frozen=True)
class Entry:
    """One page.

    Attributes
    ----------
    name : str
        Its file is ``pages/<name>.py`` with ``def main(store: Store) -> None``.
    title, help : str
        Text in the menu, and what it says when pointed at.
    icon : str
        Name of a Material symbol.
    group : str
        Heading in the menu.
    """

    name: str
    title: str
    icon: str
    help: str
    group: str = ""

    @property
    def path(self) -> str:
        """The page's file."""
        return f"pages/{self.name}.py"

    @property
    def url(self) -> str:
        """The page's path in the address, empty for the first one."""
        return "" if self is PAGES[0] else self.name.replace("_", "-")


_REGIONS, _REACH, _TOWNS = N_("Regions"), N_("Reach"), N_("Towns")
_PLACES, _METHODS = N_("Places & practices"), N_("Methods")
PAGES = (
    Entry("overview", N_("Overview"), "public", N_("What is growing and shrinking in Europe")),
    Entry(
        "place",
        N_("Place"),
        "person_pin_circle",
        N_("One region or town on one sheet: find yours"),
    ),
    Entry(
        "compare",
        N_("Compare"),
        "compare_arrows",
        N_("Two to six regions or towns side by side"),
    ),
    Entry("regions", N_("Regions"), "map", N_("Filter, map and download regions"), _REGIONS),
    Entry(
        "shrinking",
        N_("Shrinking regions"),
        "trending_down",
        N_("Why regions shrink: births or migration"),
        _REGIONS,
    ),
    Entry(
        "shrinking_and_thin",
        N_("Shrinking and thin"),
        "grid_view",
        N_("Fewer people, and services out of reach"),
        _REGIONS,
    ),
    Entry(
        "remoteness",
        N_("Remoteness"),
        "route",
        N_("How far it is to towns of each size"),
        _REACH,
    ),
    Entry(
        "services",
        N_("Services"),
        "local_hospital",
        N_("Who reaches which service, and your own facilities"),
        _REACH,
    ),
    Entry(
        "what_if",
        N_("What if"),
        "alt_route",
        N_("Who is how much further away if a hospital closes or another opens"),
        _REACH,
    ),
    Entry("towns", N_("Towns"), "location_city", N_("Find and filter settlements"), _TOWNS),
    Entry(
        "small_towns",
        N_("Small towns"),
        "holiday_village",
        N_("Types of small towns, and towns like one"),
        _TOWNS,
    ),
    Entry("social_places", N_("Social places"), "groups", N_("Where people meet"), _PLACES),
    Entry(
        "case_studies",
        N_("Case studies"),
        "science",
        N_("What was tried, and what came of it"),
        _PLACES,
    ),
    Entry(
        "what_fits",
        N_("What fits here"),
        "checklist",
        N_("Practices whose conditions a town meets"),
        _PLACES,
    ),
    Entry(
        "data",
        N_("Data & methods"),
        "database",
        N_("Definitions, sources, licences, downloads, limits"),
        _METHODS,
    ),
    Entry(
        "tables",
        N_("Tables & SQL"),
        "table_view",
        N_("Build a table, ask in SQL, see how a number is computed"),
        _METHODS,
    ),
)


def _note_unknown(ctx: Any) -> None:
    st.session_state[_UNKNOWN] = True


# Streamlit's own box for an address without a page speaks English alone.
navigation.send_page_not_found = _note_unknown


def navigate() -> None:
    """Draw the menu and the page that the address names, in the common look."""
    language.choose()
    menu: dict[str, list[Any]] = {}
    for entry in PAGES:
        page = st.Page(
            entry.path,
            title=_(entry.title),
            icon=f":material/{entry.icon}:",
            url_path=entry.url or None,
            default=entry is PAGES[0],
            help=_(entry.help),
        )
        menu.setdefault(_(entry.group), []).append(page)
    page = st.navigation(menu, position="top")
    if st.session_state.pop(_UNKNOWN, False):
        st.warning(_("There is no page at this address."), icon=":material/link_off:")
    titles.enter(page.title)
    st.session_state["page_name"] = next(e.name for e in PAGES if e.url == page.url_path)
    address.enter(page.url_path)
    style()
    with turns.turn():
        page.run()


def run(main: Callable[[Store], None]) -> None:
    """Open the store once; draw the search, a page from the store and whom to credit below.

    A database that is damaged, taken away or too slow while the page runs ends in a sentence,
    as one that cannot be opened does: what was drawn before stays.
    """
    language.choose()
    address.repair()
    store = state.open_store()
    try:
        language.draw()
        language.refuse_unknown()
        address.take_codes_of_2024(state.ask(store, places.renamed))
        find_place()
        my_place.show(store)
        with address.banner():
            glossary.show(str(st.session_state.get("page_name", "")))
            with st.spinner(_("Loading {page}").format(page=titles.page())):
                main(store)
        footer(store)
    except HinterlandError as error:
        st.error(said(error), icon=":material/database_off:")
        st.caption(_("The rest of this page could not be drawn; reload it to try again."))
    except Exception:
        # A fault of the program: the visitor reads a sentence, the log gets what it was.
        with st.container(key=BROKEN):
            st.error(_("This page has a fault; its log names it."), icon=":material/error:")
            st.caption(_("The rest of this page could not be drawn; reload it to try again."))
        raise

"""Place: one sheet of a region or a town, with everything that is known of it."""

from __future__ import annotations

import streamlit as st
from streamlit.errors import StreamlitAPIException

from pages._ui import dials, directory, my_place, paper, sheet_view, state, titles
from pages._ui.finder import OPENED
from pages._ui.texts import _, echo, plain
from pipelines.core.errors import InputError
from pipelines.serve import osm, places, sheet
from pipelines.serve.moved import Moved
from pipelines.serve.sheet_parts import PlaceSheet
from pipelines.serve.store import Store

KINDS = ("region", "town")


def main(store: Store) -> None:
    """Draw the page."""
    code = chosen(store)
    moved = dials.of_address(store) if code else ()
    made = _sheet(store, code, moved) if code else None
    if made is None:
        st.title(_("Which place is yours?"))
        st.markdown(
            _(
                "Type the name of your region or town into the search above, as you would write "
                "it. Its sheet says who lives there, whether it grows or shrinks and why, how far "
                "the city and each service is, where people meet, which places are like it and "
                "what was tried there, each figure beside its country, the EU and its own kind."
            )
        )
        st.caption(state.attribution(store, ("geonames_cities500", "gisco_nuts_2021")))
        return
    name = _(made.place.name)
    titles.name(name)
    st.title(plain(name))
    sheet_view.show(store, made, lambda: paper.of_place(store, made))


def chosen(store: Store) -> str:
    """Return the code of the place that is opened, that the address states, or that is mine."""
    if opened := st.query_params.get(OPENED, "").strip():
        _write_address(store, opened)
        return opened
    for kind in KINDS:
        if stated := st.query_params.get(kind, "").strip():
            return stated
    mine = my_place.read(store)
    return mine.id if mine else ""


def _write_address(store: Store, code: str) -> None:
    """Write a place that was opened into the address as every link does."""
    place = state.ask(store, places.named, code)
    if place is None:
        return
    try:
        st.query_params[place.kind] = place.id
    except StreamlitAPIException:  # the page before still holds the name: from the next run on
        return
    del st.query_params[OPENED]


def _sheet(store: Store, code: str, moved: Moved) -> PlaceSheet | None:
    """Return a sheet, or say in a sentence that there is no such place."""
    if state.ask(store, places.named, code) is None:
        st.warning(
            _(
                "There is no place with the code {code}. Allowed are NUTS codes of 2021, such as "
                "DE733, and GeoNames ids, such as 2951793; the search finds both by name."
            ).format(code=echo(code)),
            icon=":material/link_off:",
        )
        return None
    try:
        return state.ask(store, _made, code, osm.state(osm.extracts()), moved)
    except InputError:
        # A stored extract is damaged: the page Social places says what is wrong with it.
        return state.ask(store, _made, code, "", moved)


def _made(store: Store, code: str, extracts: str, moved: Moved) -> PlaceSheet:
    """Return a sheet; ``extracts`` is the state of the OpenStreetMap set, empty to leave it out."""
    return sheet.place_sheet(store, code, with_osm=bool(extracts), moved=moved)


if __name__ == "__main__":  # as Streamlit runs a page's file
    directory.run(main)

"""Social places: where people meet, as five documents name them, and your own."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from pages._ui import (
    address,
    directory,
    downloads,
    format,
    frame,
    legend,
    osm_view,
    own_places,
    places_view,
    state,
    words,
)
from pages._ui import selection as choice
from pages._ui.classes import Classes
from pages._ui.texts import _, echo, figure, ngettext, plain
from pipelines.serve import cases, catalogue
from pipelines.serve.filters import TRAITS, PlaceFilter
from pipelines.serve.store import Store

PICKER = choice.Picker("place", "points", table="places_table")
TOWN_PICKER = choice.Picker("places_town", "points", map="places_map", forgets=True)
ENTRY_ID = re.compile(r"[\w.-]{1,80}")


def main(store: Store) -> None:
    """Draw the page."""
    st.title(_("Where do people still meet?"))
    st.markdown(
        _(
            "Places that five documents name, and apart from them the events, programmes and "
            "bodies that they name. This is no survey: a town without an entry may have many "
            "places where people meet."
        )
    )
    with st.sidebar:
        st.header(_("Filter places"))
        selection = read_filter(store)
    rows = state.ask(store, catalogue.social_places, selection)
    _map(store, rows)
    st.header(_("Table"))
    if rows:
        places_view.table(store, rows, PICKER)
        ids = [row["id"] for row in rows]
        downloads.buttons(store, "social_places", "id", ids, selection.words())
    else:
        st.info(_("No entry fits this filter. Remove a value in the sidebar."))
    _entry(store)
    osm_view.show(store)
    own_places.show(store)


def read_filter(store: Store) -> PlaceFilter:
    """Draw the filter and return the selection."""
    choices, names = state.ask(store, catalogue.place_choices), state.country_names(store)

    def many(label: str, column: str, key: str = "", **more: Any) -> tuple[str, ...]:
        return state.multiselect(label, choices[column], key or column, **more)

    kind = state.select(_("Show"), words.KINDS, "kind")
    only = address.checkbox(st, _("Social places by the concept only"), "social")
    st.caption(
        _(
            "By the concept: places one can go to, running, that are public and inclusive and "
            "where people meet again and again (We-ID D2.2, section 5.4)."
        )
    )
    return PlaceFilter(
        social_places_only=only,
        **{name: _trait(name) for name in TRAITS},
        countries=many(
            _("Country"),
            "country",
            format_func=lambda c: names.get(c, c),
            **state.country_codes(store),
        ),
        kind=(kind,) if kind else (),
        type=many(_("Type"), "type", format_func=words.code),
        run_by=many(_("Run by"), "run_by", format_func=words.code),
        level=many(_("Level of cohesion"), "level", "cohesion_level"),
        social_capital=many(_("Social capital"), "social_capital", "capital"),
        focal_points=many(
            _("Focal point (ReSOMA)"), "focal_points", "focal", format_func=words.code
        ),
        document=many(_("Document"), "document"),
    )


def _trait(name: str) -> tuple[str, ...]:
    """Draw the filter by one trait of a social place."""
    return state.multiselect(
        _(places_view.TRAIT_LABELS[name]), words.TRAIT_VALUES, name, format_func=words.code
    )


def _map(store: Store, rows: catalogue.Rows) -> None:
    points = places_view.points(rows)
    with frame.map_left(
        store,
        TOWN_PICKER,
        frame.point_deck(store, points, TOWN_PICKER.value, True),
        _("Map of catalogued places by town"),
        (*downloads.DOCUMENTS, frame.LAND),
        captions=[
            _(
                "Each circle is a town: no document gives addresses. Its area grows with the "
                "number of entries; its colour is the kind that is most frequent there. EPSG:3035."
            )
        ],
    ):
        st.metric(_("Entries selected"), figure(len(rows)))
        _legend(rows, len(points))
        without = sum(row["lon"] is None for row in rows)
        if without:
            st.caption(
                ngettext(
                    "{n} entry has no point (regional, national, European): see the table.",
                    "{n} entries have no point (regional, national, European): see the table.",
                    without,
                ).format(n=without)
            )
        at_place = [r for r in rows if f"{r['lon']},{r['lat']}" == TOWN_PICKER.value]
        if at_place:
            st.markdown("\n".join(f"- {plain(r['name'])}" for r in at_place))


def _legend(rows: catalogue.Rows, towns: int) -> None:
    kinds = tuple(words.KIND_COLOURS)
    counts = tuple(sum(row["kind"] == kind for row in rows) for kind in kinds)
    colours = tuple(words.KIND_COLOURS.values())
    legend.show(
        Classes("", kinds, colours, (*counts, 0), 0, (), "fixed"),
        _("Kind"),
        "",
        f"{format.entries(len(rows))}, {format.towns(towns)}",
        False,
        "",
    )


def _entry(store: Store) -> None:
    """Draw the entry that the address or a row of the table names."""
    name = st.text_input(
        _("Entry shown below"),
        key=PICKER.target,
        bind="query-params",
        help=_("Filled by a row of the table."),
    ).strip()
    if not name:
        return
    every = state.ask(store, catalogue.social_places, PlaceFilter())
    match = [row for row in every if row["id"] == name] if ENTRY_ID.fullmatch(name) else []
    if match:
        places_view.card(match[0], state.ask(store, cases.figures_of_place, match[0]["id"]))
    else:
        st.warning(_("There is no entry '{id}'.").format(id=echo(name)))


if __name__ == "__main__":  # as Streamlit runs a page's file
    directory.run(main)

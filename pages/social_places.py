"""Social places: where people meet, as five documents name them, and your own."""

from __future__ import annotations

import streamlit as st

from pages._ui import downloads, legend, maps, own_places, places_view, state, words
from pages._ui.classes import Classes
from pipelines.serve import catalogue
from pipelines.serve.filters import PlaceFilter

store = state.open_store()
st.title("Where do people still meet?")
st.markdown(
    "Places, events, bodies and programmes that five documents name. This is no survey: a town "
    "without an entry may have many places where people meet."
)

choices = state.ask(store, catalogue.place_choices)
names = state.country_names(store)
with st.sidebar:
    st.header("Filter places")
    selection = PlaceFilter(
        countries=state.multiselect(
            "Country", choices["country"], "country", format_func=lambda c: names.get(c, c)
        ),
        kind=state.multiselect("Kind", choices["kind"], "kind"),
        type=state.multiselect("Type", choices["type"], "type", format_func=words.code),
        run_by=state.multiselect("Run by", choices["run_by"], "run_by", format_func=words.code),
        level=state.multiselect("Level of cohesion", choices["level"], "level"),
        social_capital=state.multiselect("Social capital", choices["social_capital"], "capital"),
        focal_points=state.multiselect(
            "Focal point (ReSOMA)", choices["focal_points"], "focal", format_func=words.code
        ),
        document=state.multiselect("Document", choices["document"], "document"),
    )

rows = state.ask(store, catalogue.social_places, selection)


def take_row() -> None:
    """Put the place of the chosen row into the address bar."""
    chosen = st.session_state["places_table"]["selection"]["rows"]
    if chosen:
        st.session_state["place"] = rows[chosen[0]]["id"]


def take_click() -> None:
    """Remember the town that was clicked."""
    st.session_state["places_town"] = maps.clicked("places_map", "points", "id")


points = places_view.points(rows)
left, right = st.columns([3, 1])
with left:
    st.caption(
        "Each circle is a town: no document gives addresses. Its area grows with the number of "
        "entries; its colour is the kind that is most frequent there. EPSG:3035."
    )
    deck = maps.point_deck(
        state.region_files(store, "regions-0"),
        points,
        st.session_state.get("places_town"),
        maps.EUROPE,
        state.point_labels(points, maps.EUROPE),
    )
    maps.show(deck, "places_map", "Map of catalogued places by town", take_click)
    st.caption(state.attribution(store, (*downloads.DOCUMENTS, "natural_earth_land")))
with right:
    st.metric("Entries selected", f"{len(rows):,}")
    kinds = tuple(words.KIND_COLOURS)
    counts = tuple(sum(r["kind"] == k for r in rows) for k in kinds)
    colours = tuple(words.KIND_COLOURS.values())
    legend.show(
        Classes("", kinds, colours, (*counts, 0), 0, (), "fixed"),
        "Kind",
        "",
        f"{len(rows):,} entries, {len(points):,} towns",
        False,
    )
    without = sum(r["lon"] is None for r in rows)
    if without:
        st.caption(f"{without} entries have no town (online, national or European): see the table.")
    if town := st.session_state.get("places_town"):
        here = [r for r in rows if f"{r['lon']},{r['lat']}" == town]
        st.markdown("\n".join(f"- {words.plain(r['name'])}" for r in here))

st.subheader("Table")
if rows:
    places_view.table(rows, "places_table", take_row)
    downloads.buttons(store, "social_places", "id", [r["id"] for r in rows], selection.words())
else:
    st.info("No entry fits this filter. Remove a value in the sidebar.")

shown = st.text_input(
    "Entry shown below", key="place", bind="query-params", help="Filled by a row of the table."
)
if shown:
    every = state.ask(store, catalogue.social_places, PlaceFilter())
    match = [r for r in every if r["id"] == shown]
    if match:
        places_view.card(match[0])
    else:
        st.warning(f"There is no entry '{shown}'.")

own_places.show(store)

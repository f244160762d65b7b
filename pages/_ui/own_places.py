"""Bring your own places, or an OpenStreetMap extract: read, checked, measured; nothing is kept."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import streamlit as st

from pages._ui import format, maps, state, words
from pages._ui.maps import rgb
from pipelines.core.errors import HinterlandError
from pipelines.geo.projection import to_laea
from pipelines.places.indicators import PER_PEOPLE
from pipelines.serve import catalogue, place_files
from pipelines.serve.place_files import Measured
from pipelines.serve.store import Store
from pipelines.travel.network import Network

OWN, OSM = "My own places", "An OpenStreetMap extract"
# More circles than this hide each other and make the page heavy; the largest are drawn.
MOST_CIRCLES = 2_000


def show(store: Store) -> None:
    """Draw the upload and, for a sound file, its indicators by settlement."""
    with st.expander("Bring your own places, or OpenStreetMap's", icon=":material/upload_file:"):
        kind = st.radio("What the file holds", [OWN, OSM], key="own_kind", horizontal=True)
        st.markdown(
            "Columns: `id, name, kind, type, country, lon, lat, source`, and any others of the "
            "table *Your own places* in `docs/catalogue.md`. The file is read in memory, checked "
            "and forgotten. `hinterland check FILE` says the same on the command line."
            if kind == OWN
            else "Overpass JSON (`[out:json]`, `out center`) or GeoJSON with OpenStreetMap ids. "
            "Tags become types by `osm_tags.csv`. The rows stay apart from the catalogue and from "
            "your own places; the file is read in memory and forgotten. Larger files: "
            "`hinterland places FILE --osm -o FOLDER`."
        )
        file = st.file_uploader("Your file", ["csv", "geojson", "json"], key="own_file")
        if file is None:
            st.session_state.pop("own_measured", None)
            return
        try:
            measured = _kept(store, file, kind == OSM)
        except HinterlandError as error:
            st.error("This file cannot be used yet.")
            st.code(str(error), language=None, wrap_lines=True)
            return
        _result(store, measured)


def _result(store: Store, measured: Measured) -> None:
    """Draw what follows from the places."""
    st.success(
        f"{len(measured.places):,} entries read; {len(measured.settlements):,} settlements "
        "have a place."
    )
    if measured.is_osm:
        st.info(f"{place_files.ATTRIBUTION}. [Copyright](https://www.openstreetmap.org/copyright)")
        if measured.left_out:
            st.caption("Left out: " + "; ".join(f"{n:,} {r}" for r, n in measured.left_out.items()))
    _map(store, measured)
    _settlements(measured.settlements)
    _people(measured.people)
    _downloads(measured)


def _map(store: Store, measured: Measured) -> None:
    """Draw a circle a settlement with places."""
    points = circles(measured.settlements)
    if not points:
        return
    deck = maps.point_deck(
        state.region_files(store, "regions-0"),
        points,
        None,
        maps.EUROPE,
        state.labels(store, maps.EUROPE),
    )
    maps.show(deck, "own_map", "Map of the places of your file by settlement", lambda: None)
    more = len(measured.settlements) - len(points)
    st.caption(
        "Each circle is a settlement; its area grows with the number of places. EPSG:3035. "
        + (f"{more:,} settlements with fewer places are not drawn. " if more else "")
        + (place_files.ATTRIBUTION if measured.is_osm else "")
    )


def circles(settlements: pd.DataFrame) -> list[dict]:
    """Return a map point (km, EPSG:3035) a settlement, those with most places first."""
    colour = rgb(words.KIND_COLOURS["place"])
    rows = settlements.nlargest(MOST_CIRCLES, "places").to_dict("records")
    result = []
    for row in rows:
        x, y = to_laea(row["lon"], row["lat"])
        size = round(4 + min(2 * row["places"] ** 0.5, 26), 1)
        result.append(
            {
                "id": str(row["geonameid"]),
                "name": row["name"],
                "text": f"{row['places']} places of {row['types']} types",
                "x": round(x / 1000, 1),
                "y": round(y / 1000, 1),
                "colour": colour,
                "size": size,
            }
        )
    return result


def _settlements(result: pd.DataFrame) -> None:
    st.dataframe(
        result.drop(columns=["geonameid", "lon", "lat", "attribution"], errors="ignore"),
        hide_index=True,
        placeholder=format.NONE,
        alt="Indicators of your own places",
        column_config={
            "name": "Settlement",
            "country_name": "Country",
            "types": "Types",
            "population": st.column_config.NumberColumn("Population", format="localized"),
            "places": "Places",
            "places_per_10000": st.column_config.NumberColumn(
                f"Places per {PER_PEOPLE:,} people", format="%.2f"
            ),
            "variety": st.column_config.NumberColumn("Variety (effective types)", format="%.2f"),
        },
    )
    st.caption(
        "Per person of the settlement (GeoNames), not of its surroundings. A place belongs to "
        "the settlement it names, else to the nearest within 15 km."
    )


def _people(reach: pd.DataFrame) -> None:
    st.markdown("**People who have one within some minutes by car (estimate), by type**")
    st.dataframe(
        reach.drop(columns="attribution", errors="ignore"),
        hide_index=True,
        alt="People with and without a place in reach",
        column_config={
            name: st.column_config.NumberColumn(label, format="localized")
            for name, label in {
                "places": "Places",
                "people": "People in these countries",
                "within_15": "within 15 min",
                "without_15": "none within 15 min",
                "within_30": "within 30 min",
                "without_30": "none within 30 min",
            }.items()
        },
    )
    st.caption(
        "Counted are the settlements of the countries that your places lie in. A place "
        "is reached when its settlement is. The file is taken for complete: a library "
        "that it does not hold counts for nobody."
    )


def _downloads(measured: Measured) -> None:
    """Draw one button a table."""
    labels = ("Places", "By settlement", "Minutes to each type", "People by type")
    tables = measured.tables().items()
    for column, label, (name, table) in zip(st.columns(4), labels, tables, strict=True):
        column.download_button(
            f"{label} (CSV)",
            place_files.csv(table),
            name,
            "text/csv",
            icon=":material/download:",
            key=f"own_download_{label}",
            on_click="ignore",
        )


def _kept(store: Store, file, is_osm: bool) -> Measured:
    """Measure an upload once; it stays in the visitor's session while the file is there."""
    key = (file.file_id, is_osm, store.pointer.file)
    kept = st.session_state.get("own_measured")
    if kept is None or kept[0] != key:
        st.session_state.pop("own_measured", None)
        kept = (key, _measured(store, file.name, file.getvalue(), is_osm))
        st.session_state["own_measured"] = kept
    return kept[1]


def _measured(store: Store, name: str, content: bytes, is_osm: bool) -> Measured:
    """Read an upload under a name of ours, and measure it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("your-file" + Path(name).suffix.lower())
        path.write_bytes(content)
        try:
            return place_files.measure(store, path, is_osm, _network(store.pointer.file, store))
        except HinterlandError as error:
            raise type(error)(str(error).replace(f"{folder}/", "")) from error


@st.cache_resource(max_entries=1, show_spinner="Preparing the network…")
def _network(content: str, _store: Store) -> Network:
    return catalogue.network(_store)

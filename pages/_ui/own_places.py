"""Bring your own places: read, checked and measured; nothing is kept."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import streamlit as st

from pages._ui import format, state
from pipelines.errors import HinterlandError
from pipelines.own_indicators import PER_PEOPLE, per_settlement, reach_by_type
from pipelines.places_import import read_own_places
from pipelines.serve import catalogue
from pipelines.serve.guard import guard_text
from pipelines.serve.store import Store
from pipelines.travel.network import Network


def show(store: Store) -> None:
    """Draw the upload and, for a sound file, its indicators by settlement."""
    with st.expander("Bring your own places (CSV or GeoJSON)", icon=":material/upload_file:"):
        st.markdown(
            "Columns: `id, name, kind, type, country, lon, lat, source`, and any others of the "
            "table *Your own places* in `docs/catalogue.md`. The file is read in memory, checked "
            "and forgotten. `hinterland check FILE` says the same on the command line."
        )
        file = st.file_uploader("Your file", ["csv", "geojson", "json"], key="own_file")
        if file is None:
            return
        try:
            places, result, reach = _measured(store, file.name, file.getvalue())
        except HinterlandError as error:
            st.error("This file cannot be used yet.")
            st.code(str(error), language=None, wrap_lines=True)
            return
        st.success(f"{places:,} entries read; {len(result):,} settlements have a place.")
        st.dataframe(
            result.drop(columns="geonameid"), hide_index=True, placeholder=format.NONE,
            alt="Indicators of your own places",
            column_config={
                "name": "Settlement", "country_name": "Country", "types": "Types",
                "population": st.column_config.NumberColumn("Population", format="localized"),
                "places": "Places",
                "places_per_10000": st.column_config.NumberColumn(
                    f"Places per {PER_PEOPLE:,} people", format="%.2f"),
                "variety": st.column_config.NumberColumn("Variety (effective types)",
                                                         format="%.2f"),
            },
        )  # fmt: skip
        st.caption(
            "Per person of the settlement (GeoNames), not of its surroundings. A place belongs to "
            "the settlement it names, else to the nearest within 15 km."
        )
        st.markdown("**People who have one within some minutes by car (estimate), by type**")
        st.dataframe(
            reach, hide_index=True, alt="People with and without a place in reach",
            column_config={
                name: st.column_config.NumberColumn(label, format="localized")
                for name, label in {
                    "places": "Places", "people": "People in these countries",
                    "within_15": "within 15 min", "without_15": "none within 15 min",
                    "within_30": "within 30 min", "without_30": "none within 30 min",
                }.items()
            },
        )  # fmt: skip
        st.caption("Counted are the settlements of the countries that your places lie in. A place "
                   "is reached when its settlement is.")  # fmt: skip
        st.download_button(
            "CSV", guard_text(result).to_csv(index=False).encode(), "own-places.csv", "text/csv",
            icon=":material/download:", key="own_download", on_click="ignore",
        )  # fmt: skip


def _measured(store: Store, name: str, content: bytes) -> tuple[int, pd.DataFrame, pd.DataFrame]:
    """Read an upload under its own name, for findings name the file, and measure it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("your-file" + Path(name).suffix.lower())
        path.write_bytes(content)
        try:
            places = read_own_places(path, catalogue.gazetteer(store))
        except HinterlandError as error:
            raise type(error)(str(error).replace(f"{folder}/", "")) from error
    towns = state.ask(store, catalogue.settlements)
    reach = reach_by_type(places, towns, _network(store.pointer.file, store))
    return places.num_rows, per_settlement(places, towns), reach


@st.cache_resource(max_entries=1, show_spinner="Preparing the network…")
def _network(content: str, _store: Store) -> Network:
    return catalogue.network(_store)

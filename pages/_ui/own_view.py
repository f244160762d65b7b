"""The user's own facilities: a file in, who reaches them out."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import format, service_views, state, travel
from pipelines.core.errors import HinterlandError
from pipelines.serve import travel_queries as asked
from pipelines.serve.store import Store
from pipelines.serve.thresholds import thresholds

SERVICE: dict[str, Any] = {"service": "own", "plural": "your facilities", "kind": "own"}
HELP = """A table `id,lon,lat[,capacity]` with longitude and latitude in degrees (EPSG:4326), in
UTF-8; or GeoJSON with points. Every id once. Without a capacity for each, one per site counts.
The file is read in memory for the answer and not kept on disk."""


def show(store: Store, column: str, limit: float, countries: tuple[str, ...]) -> None:
    """Draw the upload and its answer, or the reason why there is none."""
    most = state.ask(store, thresholds)["facility_upload_most_mb"]
    given = st.file_uploader(
        "Your facilities (CSV or GeoJSON)",
        type=["csv", "tsv", "txt", "geojson", "json"],
        key="facilities",
        help=HELP,
        max_upload_size=int(most),
    )
    if given is None:
        st.markdown(HELP)
        return
    try:
        own = travel.own_reach(store, given.name, given.getvalue())
    except HinterlandError as error:
        st.error(str(error), icon=":material/error:")
        return
    for remark in own.remarks:
        st.caption(remark)
    if column not in own.table.column_names:
        st.info("This measure is not worked out for your own facilities; minutes are shown.")
        column = "minutes_nearest"
    service_views.towns_view(
        store, SERVICE, own.table[column].to_pandas(), column, limit, countries
    )
    _worst(store, own.table.to_pandas(), limit, countries)
    st.download_button(
        "Reach of all settlements (CSV)",
        own.csv,
        file_name="reach.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key="download-own",
    )


def _worst(store: Store, reach: pd.DataFrame, limit: float, countries: tuple[str, ...]) -> None:
    """Draw the largest places beyond the limit."""
    beyond = reach[~(reach["minutes_nearest"] <= limit)]
    places: pd.DataFrame = state.ask(store, asked.town_labels, tuple(beyond["geonameid"].tolist()))
    rows = places.merge(beyond, on="geonameid")
    if countries:
        names = state.country_names(store)
        rows = rows[rows["country_name"].isin([names[c] for c in countries])]
    st.metric(f"People beyond {limit:g} minutes", format.people(rows["population"].sum()))
    st.subheader("Worst served: the largest places beyond the limit")
    shown = rows.sort_values("population", ascending=False).head(service_views.LISTED)
    columns = ["name", "country_name", "region_name", "population", "minutes_nearest"]
    st.dataframe(
        shown[columns],
        hide_index=True,
        height=320,
        alt="Worst served",
        placeholder=format.NONE,
        column_config={c: service_views.COLUMNS[c] for c in columns},
    )

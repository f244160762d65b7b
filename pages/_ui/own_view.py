"""The user's own facilities: a file in, who reaches them out."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import service_views, state, tables
from pages._ui.measures import ACCESS_MEASURES, Measure
from pages._ui.texts import N_, _, plain, said
from pipelines.core.errors import HinterlandError
from pipelines.serve import travel, travel_queries
from pipelines.serve.store import Store

SERVICE: dict[str, Any] = {"service": "own", "plural": N_("your facilities"), "kind": "own"}
HELP = N_(
    "A table `id,lon,lat[,capacity]` with longitude and latitude in degrees (EPSG:4326), in "
    "UTF-8; or GeoJSON with points. Every id once. Without a capacity for each, one per site "
    "counts. The file is read in memory for the answer and not kept on disk."
)
COLUMNS = ("name", "country_name", "region_name", "population", "minutes_nearest")


def show(store: Store, measure: Measure, limit: float, countries: tuple[str, ...]) -> None:
    """Draw the upload and its answer, or the reason why there is none."""
    upload = st.file_uploader(
        _("Your facilities (CSV or GeoJSON)"),
        type=["csv", "tsv", "txt", "geojson", "json"],
        key="facilities",
        help=_(HELP),
        max_upload_size=int(state.thresholds(store)["facility_upload_most_mb"]),
    )
    if upload is None:
        st.session_state.pop("own_reach", None)
        st.markdown(_(HELP))
        return
    try:
        with st.spinner(_("Measuring who reaches your facilities")):
            own = state.visit_memo(
                "own_reach",
                (upload.file_id, store.pointer.file),
                lambda: travel.reach_of_file(store, upload.name, upload.getvalue()),
            )
    except HinterlandError as error:
        st.error(said(error), icon=":material/error:")
        return
    for remark in own.remarks:
        st.caption(plain(remark))
    if measure.column not in own.table.column_names:
        st.info(_("This measure is not worked out for your own facilities; minutes are shown."))
        measure = ACCESS_MEASURES["minutes_nearest"]
    values = own.table[measure.column].to_pandas()
    service_views.towns_view(store, SERVICE, values, measure, limit, countries)
    _worst(store, own.table.to_pandas(), limit, countries)
    st.download_button(
        _("Reach of all settlements (CSV)"),
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
    places = travel_queries.town_labels(store, beyond["geonameid"].tolist())
    rows = places[places["people"] > 0].merge(beyond, on="geonameid")
    if countries:
        names = state.country_names(store)
        rows = rows[rows["country_name"].map(_).isin([names[c] for c in countries])]
    service_views.beyond_metric(st, limit, rows["people"].sum())
    st.subheader(_("Worst served: the largest places beyond the limit"))
    listed = rows.sort_values("population", ascending=False).head(service_views.LISTED)
    headings = service_views.town_columns(store)
    tables.show(
        listed[list(COLUMNS)],
        {column: headings[column] for column in COLUMNS},
        _("Worst served"),
        height=320,
    )

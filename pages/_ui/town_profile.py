"""The table of settlements, and the view around one."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import format, tables, words
from pages._ui.selection import Picker
from pages._ui.texts import _
from pipelines.serve.mapfiles import on_map
from pipelines.serve.store import Store

AROUND_KM = 60
LISTED = (
    "name",
    "country_name",
    "region_name",
    "population",
    "size_class",
    "region_trend",
    "region_change_pct",
    "elevation_m",
)


def box_around(town: dict[str, Any]) -> list[float]:
    """Return a box on the map (km, EPSG:3035) around a settlement."""
    x, y = (float(v) for v in on_map(town["lon"], town["lat"]))
    return [x - AROUND_KM, y - AROUND_KM, x + AROUND_KM, y + AROUND_KM]


def people_metric(rows: pd.DataFrame) -> None:
    """Draw how many people live in some settlements; parts are counted in their wholes."""
    people = rows.loc[rows["part_of"].isna(), "population"].sum()
    st.metric(_("People living in them"), format.millions(float(people)))


def table(store: Store, rows: pd.DataFrame, picker: Picker) -> None:
    """Draw the table of settlements."""
    listed = rows[list(LISTED)].assign(size_class=rows["size_class"].map(words.short_size))
    tables.show(
        tables.narrow(
            listed, ["region_change_pct"], ["country_name", "size_class", "region_trend"]
        ),
        tables.columns(store, "towns", LISTED, region_change_pct="%+.2f"),
        _("Selected settlements"),
        height=300,
        picker=picker,
        ids=rows["geonameid"].tolist(),
    )

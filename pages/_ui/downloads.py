"""Download buttons for what is shown; each file carries its sources and licences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from pages._ui.texts import N_, _
from pipelines.serve import export
from pipelines.serve.store import Store

# The documents that every row of the catalogue may rest on.
DOCUMENTS = (
    "catalogue_piste",
    "catalogue_compas",
    "catalogue_resoma",
    "catalogue_weid_d22",
    "catalogue_weid_brussels",
)
LABELS = {
    "csv": (N_("CSV (zip with notes)"), "application/zip"),
    "xlsx": (N_("Excel"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "parquet": (N_("Parquet"), "application/vnd.apache.parquet"),
    "geojson": (N_("GeoJSON"), "application/geo+json"),
    "gpkg": (N_("GeoPackage"), "application/geopackage+sqlite3"),
}


def rows_of(store: Store, table: str, key: str, ids: list[Any]) -> pa.Table:
    """Return the rows of a mart whose key is in a list, in the order of the mart."""
    data = export.read_mart(store, table)
    return data.filter(pc.is_in(data[key], value_set=pa.array(ids, data[key].type)))


def buttons(store: Store, table: str, key: str, ids: list[Any], words: str) -> None:
    """Draw one button a format for the selected rows; a file is made when it is asked for."""
    _row(store, table, lambda: rows_of(store, table, key, ids), words, tuple(LABELS), not ids)


def computed(
    store: Store,
    table: str,
    read: Callable[[], pa.Table],
    words: str,
    disabled: bool,
    joined: tuple[tuple[str, str], ...] = (),
) -> None:
    """Draw one button a format for rows that have the columns of a mart but are computed anew.

    ``joined`` holds mart and name of each column of another mart that they have, too.
    """
    _row(store, table, read, words, tuple(LABELS), disabled, joined)


def whole(store: Store, table: str) -> None:
    """Draw one button a format for a whole mart."""
    columns = export.read_mart(store, table).schema.names
    has_geometry = "geometry" in columns or {"lon", "lat"} <= set(columns)
    formats = tuple(LABELS) if has_geometry else ("csv", "xlsx", "parquet")
    _row(store, table, lambda: export.read_mart(store, table), "everything", formats, False)


def rows(store: Store, table: str, read: Callable[[], pa.Table], words: str) -> None:
    """Draw one button a format for rows of a mart without places."""
    _row(store, table, read, words, ("csv", "xlsx", "parquet"), False)


def _row(
    store: Store,
    table: str,
    read: Callable[[], pa.Table],
    words: str,
    formats: tuple[str, ...],
    disabled: bool,
    joined: tuple[tuple[str, str], ...] = (),
) -> None:
    for column, suffix in zip(st.columns(len(formats)), formats, strict=True):
        label, mime = LABELS[suffix]

        def make(suffix: str = suffix) -> bytes:
            return export.export_bytes(store, table, suffix, read(), words, joined)

        ending = "zip" if suffix == "csv" else suffix
        column.download_button(
            _(label),
            make,
            file_name=f"hinterland-{table}.{ending}",
            mime=mime,
            on_click="ignore",
            key=f"download-{table}-{suffix}",
            disabled=disabled,
            width="stretch",
            icon=":material/download:",
        )

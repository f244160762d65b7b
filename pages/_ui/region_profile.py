"""The table of regions, in the order that is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pandas as pd
import streamlit as st

from pages._ui import state, tables
from pages._ui.selection import Picker
from pages._ui.texts import N_, _
from pipelines.serve import osm
from pipelines.serve.filters import REGION_LISTS
from pipelines.serve.region_panel import JOINED
from pipelines.serve.store import Store

LISTED = (
    "nuts_id",
    "name",
    "country",
    "population_end",
    "change_pct",
    "annual_change_pct",
    "density_per_km2",
    "trend",
    "urban_rural",
    "smst_count",
    "largest_town",
)
_HEADS = tables.REGION_HEADS | {
    "change_pct": N_("Change, %"),
    "density_per_km2": N_("People per km²"),
    "urban_rural": N_("Urban-rural"),
    "largest_town": N_("Largest place"),
}
SORTS = {
    N_("lost most first"): ("change_pct", True),
    N_("gained most first"): ("change_pct", False),
    N_("largest first"): ("population_end", False),
    N_("smallest first"): ("population_end", True),
    N_("densest first"): ("density_per_km2", False),
    N_("sparsest first"): ("density_per_km2", True),
    N_("by name"): ("name", True),
}
PAGE = 150


def page_of(
    rows: pd.DataFrame, sorts: Mapping[str, tuple[str, bool]] = MappingProxyType(SORTS)
) -> pd.DataFrame:
    """Draw order and page of a table; return the rows of that page.

    Sorting is done here, over the whole selection; a page keeps what travels small.

    Parameters
    ----------
    rows : DataFrame, shape (n, columns)
    sorts : mapping of str to (str, bool)
        By what an order is called: the column, and whether it rises.
    """
    order, number = st.columns([3, 1])
    with order:
        column, rising = sorts[state.select(_("Order"), {s: s for s in sorts}, "order")]
    rows = rows.sort_values(column, ascending=rising, kind="stable", na_position="last")
    pages = max(1, -(-len(rows) // PAGE))
    label = _("Page of {n}").format(n=pages)
    page = number.selectbox(label, range(1, pages + 1), disabled=pages == 1)
    return rows.iloc[(page - 1) * PAGE : page * PAGE].reset_index(drop=True)


def table(
    store: Store,
    rows: pd.DataFrame,
    picker: Picker,
    rests_on_osm: bool = False,
    filtered: Sequence[str] = (),
) -> None:
    """Draw the table of a selection, with its source where that rests on OpenStreetMap.

    Columns that were filtered on stand before the others: they answer the question.
    """
    first = [name for name in filtered if name not in ("country", "nuts_id", "name")]
    listed = list(dict.fromkeys((*LISTED[:2], *first, *LISTED[2:])))
    numbers = {"change_pct", "annual_change_pct", "density_per_km2", "median_age"} & set(listed)
    types = [name for name in listed if name in REGION_LISTS.values()]
    config = tables.columns(store, "regions", [n for n in listed if n not in JOINED], _HEADS)
    config |= tables.columns(store, "regions", ("change_pct",), _HEADS, change_pct="%+.2f")
    for name in set(listed) & JOINED.keys():
        config |= tables.columns(store, JOINED[name], (name,))
    tables.show(
        tables.narrow(rows[listed], sorted(numbers), types),
        config,
        _("Selected regions"),
        height=300,
        picker=picker,
        ids=rows["nuts_id"].tolist(),
        credit=osm.ATTRIBUTION if rests_on_osm else "",
    )

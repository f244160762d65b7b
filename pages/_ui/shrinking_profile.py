"""The table of shrinking regions, and what the page says without figures."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages._ui import tables
from pages._ui.selection import Picker
from pages._ui.texts import N_, _
from pipelines.serve import palettes
from pipelines.serve.demography import CENSUS
from pipelines.serve.store import Store

WEBB = palettes.WEBB_WORDS
LISTED = (
    "nuts_id",
    "name",
    "annual_change_pct",
    CENSUS,
    "cause",
    "shrinking_class",
    "population_end",
    "natural_change_per_1000",
    "net_migration_per_1000",
    "webb_type",
    "shape",
    "year_start",
    "year_end",
    "median_age",
    "gdp_pct_of_eu",
    "watch_count",
    "country",
)
_HEADS = tables.REGION_HEADS | {
    "annual_change_pct": N_("Series, % a year"),
    "year_start": N_("From"),
    "year_end": N_("To"),
    "natural_change_per_1000": N_("Natural, ‰"),
    "net_migration_per_1000": N_("Migration, ‰"),
    "webb_type": N_("Webb"),
    "cause": N_("Cause"),
    "shrinking_class": N_("Rate"),
    "shape": N_("Shape"),
    "gdp_pct_of_eu": N_("GDP, EU = 100"),
    "watch_count": N_("Watch"),
}
_FORMATS = {
    "year_start": "%d",
    "year_end": "%d",
    "natural_change_per_1000": "%+.1f",
    "net_migration_per_1000": "%+.1f",
    "gdp_pct_of_eu": "%.0f",
}
#: Orders of the table, the first one that of the page.
SORTS = {
    N_("lost most first"): ("annual_change_pct", True),
    N_("gained most first"): ("annual_change_pct", False),
    N_("largest first"): ("population_end", False),
    N_("smallest first"): ("population_end", True),
    N_("by name"): ("name", True),
}
_TYPES = ("country", "webb_type", "cause", "shrinking_class", "shape")


def missing() -> None:
    """Say plainly what the page lacks and how to bring it."""
    st.info(
        _(
            "This page needs Eurostat's yearly tables of population, births and deaths (and, for "
            "age and wealth, two more). They were not part of this database when it was built."
        ),
        icon=":material/cloud_download:",
    )
    st.markdown(_("With a network, two commands bring them and build the database with them:"))
    st.code("hinterland fetch\nhinterland build", language="shell")
    st.markdown(_("Files that lie in a folder already are used with:"))
    st.code("hinterland build --sources DIR", language="shell")
    st.page_link("pages/regions.py", label=_("Population change by region"), icon=":material/map:")


def table(store: Store, rows: pd.DataFrame, picker: Picker) -> None:
    """Draw a page of the table of a selection."""
    listed = rows[list(LISTED)]
    listed = listed.assign(population_end=listed["population_end"].round().astype("Int64"))
    floats = [*listed.select_dtypes("float")]
    own = [name for name in LISTED if name != CENSUS]
    config = tables.columns(store, "region_demography", own, _HEADS, **_FORMATS)
    heads = {"annual_change_pct": N_("Census, % a year")}
    census = tables.columns(store, "regions", ["annual_change_pct"], heads)
    tables.show(
        tables.narrow(listed, floats, _TYPES),
        config | {CENSUS: census["annual_change_pct"]},
        _("Selected regions"),
        height=430,
        picker=picker,
        ids=rows["nuts_id"].tolist(),
    )

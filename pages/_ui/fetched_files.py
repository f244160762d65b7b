"""What of the fetched sources is in the database and in the cache, and how to bring the rest."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages._ui import population, state
from pipelines.core import paths
from pipelines.serve import demography, inventory, queries
from pipelines.serve.store import Store


def show(store: Store, sources: pd.DataFrame) -> None:
    """Draw the table of fetched sources and the commands to copy; nothing is fetched here."""
    span = state.ask(store, demography.years)
    basis = state.ask(store, queries.population_basis)
    shown = ("" if population.is_series(basis) else "the ") + population.long_words(basis)
    if span:
        st.markdown(
            f"Eurostat's yearly figures in this database run from {span['first_year']} to 1 January"
            f" {span['last_year']}, on NUTS "
            + " and ".join(map(str, state.ask(store, demography.vintages)))
            + f". Shrinking regions shows them year by year; Overview and Regions show {shown}."
        )
    else:
        st.markdown("This database holds the embedded default alone: censuses of 2011 and 2021.")
    used = sources[sources["kind"] == "fetched"].set_index("name")
    rows = [
        {
            "source": used["title"].get(kept.name, kept.name),
            "database": bool(used["is_present"].get(kept.name, False)),
            "cache": inventory.state_of(kept),
            "update": kept.last_update,
            "vintage": kept.vintage,
            "command": f"hinterland fetch --only {kept.name}",
        }
        for kept in inventory.inventory(paths.cache_dir())
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        alt="Fetched sources",
        column_config={
            "source": "Source",
            "database": "In this database",
            "cache": "File in the cache",
            "update": "Publisher's date",
            "vintage": "Vintage",
            "command": "Command",
        },
    )
    st.markdown("The dashboard itself asks no other server. To bring the files and use them:")
    st.code("hinterland fetch\nhinterland build", language="shell")

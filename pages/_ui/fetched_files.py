"""What of the fetched sources is in the database and in the cache, and how to bring the rest."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages._ui import population, state, tables
from pages._ui.texts import _
from pipelines.serve import demography, inventory, queries
from pipelines.serve.store import Store


def show(store: Store, sources: pd.DataFrame) -> None:
    """Draw the table of fetched sources and the commands to copy; nothing is fetched here."""
    span = state.ask(store, demography.years)
    words = population.long_words(state.ask(store, queries.population_basis))
    if span and span["step"] == 1:
        vintages = state.ask(store, demography.vintages)
        st.markdown(
            _(
                "Eurostat's yearly figures in this database run from {first} to 1 January {last}, "
                "on NUTS {vintages}. Shrinking regions shows them year by year; Overview and "
                "Regions show {words}."
            ).format(
                first=span["first_year"],
                last=span["last_year"],
                vintages=_(" and ").join(map(str, vintages)),
                words=words,
            )
        )
    else:
        st.markdown(
            _(
                "This database holds the embedded default alone: {words}; births, deaths and "
                "migration in periods of five years. Fetched tables bring every year."
            ).format(words=words)
        )
    declared = sources[sources["kind"] == "fetched"].set_index("name")
    rows = [
        {
            "source": declared["title"].get(copy.name, copy.name),
            "database": bool(declared["is_present"].get(copy.name, False)),
            "cache": inventory.state_of(copy),
            "update": copy.last_update,
            "vintage": copy.vintage,
            "command": f"hinterland fetch --only {copy.name}",
        }
        for copy in inventory.inventory()
    ]
    headings = {
        "source": _("Source"),
        "database": _("In this database"),
        "cache": _("File in the cache"),
        "update": _("Publisher's date"),
        "vintage": _("Vintage"),
        "command": _("Command"),
    }
    tables.show(pd.DataFrame(rows), headings, _("Fetched sources"))
    st.markdown(_("The dashboard itself asks no other server. To bring the files and use them:"))
    st.code("hinterland fetch\nhinterland build", language="shell")

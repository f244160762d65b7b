"""What frames every page: the footer of attributions."""

from __future__ import annotations

import streamlit as st

from pages._ui.state import ask
from pipelines.errors import MartUnavailable
from pipelines.serve import queries
from pipelines.serve.store import Store


def footer() -> None:
    """Print the attribution of every source in use, and the database's version."""
    try:
        store = Store.current()
    except MartUnavailable:
        return
    table = ask(store, queries.sources)
    lines = dict.fromkeys(table.loc[table["is_present"], "attribution"])
    st.divider()
    st.caption(" · ".join(lines))
    st.caption(
        f"Database {store.pointer.hash}, built {store.pointer.built_at[:16].replace('T', ' ')} UTC."
        " Equal-area maps in EPSG:3035. Nothing is loaded from other servers."
    )

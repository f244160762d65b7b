"""What if: close sites and open others on the map, and see at once who is how much further away."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages._ui import address, directory, selection, state, whatif_state, whatif_view
from pages._ui.texts import _
from pipelines.serve import travel_queries, whatif
from pipelines.serve.store import Store

FIRST = "hospital"


def main(store: Store) -> None:
    """Draw the page."""
    st.title(_("What if a site closed, or another opened?"))
    with st.sidebar:
        st.header(_("Question"))
        service = _service(store)
        limit = address.slider(
            _("Limit, minutes"), "limit", 5, 120, int(service["reference_min"]), 1
        )
    whatif_state.read_address()
    whatif_state.drop_unknown(state.ask(store, whatif.site_ids, service["service"]))
    town = selection.town(store, whatif_view.PICKER)
    whatif_view.show(store, service, float(limit), town)
    whatif_state.write_address()


def _service(store: Store) -> dict[str, Any]:
    """Draw the choice of a service: hospitals first, where this database has them."""
    services = {s["service"]: s for s in state.ask(store, travel_queries.services)}

    def take_service() -> None:
        # Services of one register share its sites; ids of others are strangers, new places are not.
        now = services[st.session_state["service"]]
        known = state.ask(store, whatif.site_ids, now["service"]) if now["source"] else {}
        whatif_state.set_closed([site for site in whatif_state.closed() if site in known])
        st.session_state["limit"] = int(now["reference_min"])

    names = list(services)
    labels = {name: services[name]["label"] for name in names}
    first = names.index(FIRST) if FIRST in names else 0
    chosen = state.select(_("Service"), labels, "service", index=first, on_change=take_service)
    st.caption(_(services[chosen]["note"]))
    if FIRST not in services:
        st.info(_("This database has no hospitals and no schools; their registers come with:"))
        st.code("hinterland fetch\nhinterland build", language="shell")
    return services[chosen]


if __name__ == "__main__":  # as Streamlit runs a page's file
    directory.run(main)

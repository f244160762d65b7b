"""What the pages of travel time share: words, sources, headings, the link to a region."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages._ui import tables
from pages._ui.measures import TRAVEL
from pages._ui.selection import Picker
from pages._ui.texts import _
from pipelines.serve.store import Store


def estimate() -> str:
    """Say what the minutes are."""
    return _("Minutes are estimated, by car in free flow (docs/travel-time.md).") + " EPSG:3035."


def recomputed() -> str:
    """Say that the figures are not official ones."""
    return _("Re-computed, not official.")


def sources_of(service: dict[str, Any]) -> tuple[str, ...]:
    """Return what a service's reach is made from."""
    # A user's own facilities have no source.
    return (*TRAVEL, service["source"]) if service.get("source") else TRAVEL


def town_columns(store: Store) -> dict[str, Any]:
    """Return the headings of a list of settlements."""
    names = ("name", "country_name", "region_name", "population")
    return tables.columns(store, "towns", names)


def profile_link(picker: Picker) -> None:
    """Link to the profile of the region that was clicked on a map."""
    if picker.value:
        st.page_link(
            "pages/regions.py",
            label=_("Profile of {name}").format(name=picker.value),
            icon=":material/map:",
            query_params={"region": picker.value},
        )
    else:
        st.caption(_("Click a region to open its profile."))

"""What the pages of travel time share: words, sources, headings, the link to a region."""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import quote

import pandas as pd
import streamlit as st

from pages._ui import state, tables
from pages._ui.links import link
from pages._ui.measures import TRAVEL
from pages._ui.selection import Picker
from pages._ui.texts import _
from pipelines.serve import queries, travel_queries
from pipelines.serve.store import Store

#: GISCO's own address for questions on its data.
REPORT_TO = "estat-gisco@ec.europa.eu"


def estimate() -> str:
    """Say what the minutes are."""
    return _("Minutes are estimated, by car in free flow (docs/travel-time.md).") + " EPSG:3035."


def recomputed() -> str:
    """Say that the figures are not official ones."""
    return _("Re-computed, not official.")


def check_the_register() -> str:
    """Say what a long way to a registered site may be."""
    return _(
        "Far from a *registered* site: check the register first. A hospital that the file lacks, "
        "or has elsewhere, makes a town look far from all."
    )


def report_link(store: Store, service: dict[str, Any]) -> None:
    """Draw where the publisher of a register says what it holds, and takes corrections."""
    table = state.ask(store, queries.sources)
    rows = table[table["name"] == service["source"]]
    if rows.empty:
        return
    subject = quote(f"{rows['title'].iloc[0]}: correction of a site")
    page, mail = escape(rows["url"].iloc[0]), f"mailto:{REPORT_TO}?subject={subject}"
    st.html(
        f'<a class="hinterland-link" href="{escape(mail)}">{escape(_("Report an error"))}</a> · '
        f'<a class="hinterland-link" href="{page}">{escape(_("The register at its publisher"))}</a>'
    )


def sources_of(service: dict[str, Any]) -> tuple[str, ...]:
    """Return what a service's reach is made from."""
    # A user's own facilities have no source.
    return (*TRAVEL, service["source"]) if service.get("source") else TRAVEL


def town_columns(store: Store) -> dict[str, Any]:
    """Return the headings of a list of settlements."""
    names = ("name", "country_name", "region_name", "population")
    return tables.columns(store, "towns", names)


def is_in_gap(store: Store, service: str, geonameid: int) -> bool:
    """Return whether the register lacks the sites of a settlement's own region."""
    gaps = state.ask(store, travel_queries.in_register_gaps, service, ())
    return bool((gaps["geonameid"] == geonameid).any())


def settled_words(table: pd.DataFrame) -> None:
    """Say in how many regions the settlements are far from the official people, if in any."""
    notes = table["settled_note"].value_counts()
    if notes.empty:
        return
    counts = ", ".join(f"{n:,} ({_(str(note))})" for note, n in notes.items())
    st.caption(
        _(
            "Shares are of the people of listed settlements. In {counts} of {total} regions these "
            "are far from the official population, and a share says little: the table has both "
            "columns."
        ).format(counts=counts, total=f"{len(table):,}")
    )


def profile_link(picker: Picker) -> None:
    """Link to the profile of the region that was clicked on a map."""
    if picker.value:
        label = _("Profile of {name}").format(name=picker.value)
        link("pages/regions.py", label, {"region": picker.value})
    else:
        st.caption(_("Click a region to open its profile."))

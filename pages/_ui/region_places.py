"""Meeting places as filter and colour of regions, where an OpenStreetMap extract was added."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages._ui import state
from pages._ui.measures import Measure
from pages._ui.texts import N_, _
from pipelines.core.errors import HinterlandError
from pipelines.serve import meeting_places, osm
from pipelines.serve.filters import RegionFilter
from pipelines.serve.store import Store

MEASURE = Measure(
    "places_state",
    N_("Where are few places to meet mapped?"),
    dict(
        zip(
            meeting_places.STATES,
            ("#d3ebe2", "#66b39b", "#0f6350", "#e3d5b8", "#b0b0b0"),
            strict=True,
        )
    ),
    label=N_("Meeting places"),
    table="regions",
)
KEY = "places_class"


def is_attached() -> bool:
    """Tell whether there are extracts; *Social places* says what is wrong with damaged ones."""
    try:
        return bool(osm.extracts())
    except HinterlandError:
        return False


def choose() -> tuple[str, ...]:
    """Draw the filter, where there is a set."""
    if not is_attached():
        return ()
    return state.multiselect(_("Meeting places"), meeting_places.STATES, KEY)


def states(store: Store, level: int) -> pd.DataFrame | None:
    """Return every region of a level in map order; a set that cannot be read is said."""
    try:
        return meeting_places.of_level(store, level)
    except HinterlandError as error:
        warn(error)
        return None


def ids_of(store: Store, level: int, chosen: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the regions of the chosen states; None where nothing is chosen or known."""
    if not chosen or (table := states(store, level)) is None:
        return None
    return tuple(table.loc[table["places_state"].isin(chosen), "nuts_id"])


def warn(error: HinterlandError) -> None:
    """Say that the set cannot be read."""
    st.warning(_("The OpenStreetMap set cannot be read."))
    st.code(str(error), language=None, wrap_lines=True)


def note() -> str:
    """Return what a map or a list that rests on the set says of it."""
    text = _("What is not mapped may well be there; not covered: no added extract says anything.")
    return f"{text} {osm.ATTRIBUTION}."


def package(store: Store, selection: RegionFilter, ids: list[str]) -> None:
    """Draw the one way out of a selection that rests on OpenStreetMap: with its licence."""
    st.download_button(
        _("Regions (zip with the ODbL notice)"),
        lambda: meeting_places.selected(store, selection.level, ids, selection.words()),
        "hinterland-regions.zip",
        "application/zip",
        icon=":material/download:",
        key="regions_places_download",
        on_click="ignore",
    )

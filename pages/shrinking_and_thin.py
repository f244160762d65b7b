"""Shrinking and thin: where people leave, and services or places to meet are out of reach."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from pages._ui import (
    card,
    crossing_filters,
    crossing_view,
    dials,
    directory,
    downloads,
    format,
    frame,
    region_places,
    state,
)
from pages._ui import selection as choice
from pages._ui.classes import Classes, classify
from pages._ui.texts import N_, _, capital
from pipelines.core.errors import HinterlandError
from pipelines.serve import crossing, dictionary, meeting_places, queries, search
from pipelines.serve import dials as served_dials
from pipelines.serve.crossing_filter import CLASSES, DIMENSIONS, QUADRANTS, TRENDS, CrossingFilter
from pipelines.serve.moved import Moved
from pipelines.serve.store import Store

PICKER = choice.Picker("region", "regions", map="thin_map", table="thin_table")
#: Classes that a moved threshold can change here.
TYPOLOGIES = ("trend", "desert_class", "remote_class", "places_class")
LISTS = {
    "regions": N_("Regions"),
    "settlements": N_("Settlements in service deserts"),
}


def main(store: Store) -> None:
    """Draw the page."""
    st.title(_("Where is Europe shrinking and thin at once?"))
    places = _places(store)
    has_places = places is not None
    with st.sidebar:
        st.header(_("Cross"))
        selection = crossing_filters.read_filter(store, has_places)
    every = crossing.regions(store, selection, places)
    measure = crossing_view.measure_of(selection.by)
    chosen = every.index[every["is_selected"]]
    classes = classify(every["cell"], None if len(chosen) == len(every) else chosen, measure)
    region = choice.region(store, PICKER, search.labelled, "region")
    summary = crossing.summary(every, selection.by)
    _map(store, selection, classes, every, summary, region, places)
    _dials(store, selection, every, places)
    st.subheader(_("The four quadrants"))
    crossing_view.quadrants(store, summary, selection.by, has_places)
    crossing_view.reading(store, selection.by)
    selected = crossing.ordered(every[every["is_selected"]], selection.by)
    if selected.empty:
        st.info(_("No region fits this filter. Widen a range or remove a type in the sidebar."))
    else:
        _lists(store, selection, selected, has_places)


def _dials(
    store: Store, selection: CrossingFilter, every: pd.DataFrame, places: pd.DataFrame | None
) -> None:
    """Draw what moved thresholds change, and how firm each class is."""
    known = [name for name in TYPOLOGIES if places is not None or name != "places_class"]
    labels = dials.labels(store, [name for name in known if name != "places_class"])
    labels["places_class"] = _("Meeting places")

    def fits(moved: Moved) -> served_dials.Mask:
        table = crossing.regions(store, replace(selection, moved=moved), places)
        return table["is_selected"].to_numpy(dtype=bool)

    if selection.moved:
        dials.changes(
            store,
            crossing.regions(store, replace(selection, moved=()), places),
            every,
            # What rests on an OpenStreetMap set leaves with its notice alone, not in this file.
            [c for c in served_dials.affected(selection.moved, known) if c != "places_class"],
            (fits(()), fits(selection.moved)),
            labels,
            {"trend": TRENDS, "desert_class": CLASSES["desert"], "remote_class": CLASSES["remote"]},
            selection.words(),
        )
    dials.firmness(store, every, known, selection.moved, labels, fits)


def _places(store: Store) -> pd.DataFrame | None:
    """Return the meeting places of regions; a set that cannot be read is said and left out."""
    try:
        return meeting_places.of_regions(store)
    except HinterlandError as error:
        region_places.warn(error)
        return None


def _map(
    store: Store,
    selection: CrossingFilter,
    classes: Classes,
    every: pd.DataFrame,
    summary: pd.DataFrame,
    region: str,
    places: pd.DataFrame | None,
) -> None:
    measure = crossing_view.measure_of(selection.by)
    with frame.region_map(
        store,
        PICKER,
        f"regions-{selection.level}",
        measure,
        classes,
        region,
        boxes=state.ask(store, queries.region_bounds),
        focus=selection.country,
        sources=(
            *dictionary.field(store, "region_crossing", "trend").sources,
            *crossing_view.SOURCES,
        ),
        caption=crossing_view.caption(every, selection),
    ):
        cells, words = every["cell"], crossing_view.cell_words(selection.by)
        card.of_region(
            store,
            region,
            measure,
            every["nuts_id"],
            cells,
            classes,
            words=words,
            moved=selection.moved,
        )
        _figures(selection, every, summary)
        crossing_view.legend(
            classes,
            selection.by,
            summary,
            crossing_view.missing(every, selection.by),
            format.regions(int(every["is_selected"].sum())),
        )
        crossing_view.what_extracts_say(every, places)


def _figures(selection: CrossingFilter, every: pd.DataFrame, summary: pd.DataFrame) -> None:
    worst = QUADRANTS[selection.by][0]
    row = summary.iloc[0]
    st.metric(
        capital(_(worst)),
        _("{n} of {total}").format(
            n=f"{int(row['regions']):,}", total=f"{int(every['is_selected'].sum()):,}"
        ),
        help=_("Regions that shrink and are of the class '{class_}' of {dimension}.").format(
            class_=_(CLASSES[selection.by][-1]), dimension=_(DIMENSIONS[selection.by])
        ),
    )
    st.metric(_("People living there"), format.millions(float(row["population_end"])))


def _lists(
    store: Store, selection: CrossingFilter, selected: pd.DataFrame, has_places: bool
) -> None:
    """Draw the list of regions or of their settlements in deserts, and the download of it."""
    ids = selected["nuts_id"].tolist()
    # One list at a time: what is not looked at need not travel with each move of a dial.
    listed = state.select(_("List"), LISTS, "list")
    if listed == "settlements":
        _settlements(store, selection, ids)
        return
    crossing_view.table(store, selected, PICKER, has_places)
    st.caption(_("Written into each file: {words}.").format(words=selection.words()))
    if selection.needs_places:
        crossing_view.package(store, selection, selected)
        return
    downloads.computed(
        store,
        "region_crossing",
        lambda: crossing.rows(store, selection, ids),
        selection.words(),
        False,
    )


def _settlements(store: Store, selection: CrossingFilter, ids: list[str]) -> None:
    """Draw the settlements in service deserts of the selected regions, and their download."""
    crossing_view.settlements(store, selection, ids)
    if selection.needs_places:
        st.caption(
            _("What rests on meeting places leaves as the list of regions, with its notice.")
        )
        return
    downloads.computed(
        store,
        "town_deserts",
        lambda: crossing.settlement_rows(store, selection.level, ids),
        _("settlements in service deserts of: {words}").format(words=selection.words()),
        False,
    )


if __name__ == "__main__":  # as Streamlit runs a page's file
    directory.run(main)

"""Small towns: role, rank, remoteness and fragility of each, and towns like one."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import (
    card,
    directory,
    downloads,
    format,
    frame,
    like_towns,
    smst_view,
    state,
    tables,
    town_profile,
    words,
)
from pages._ui import selection as choice
from pages._ui.classes import classify
from pages._ui.measures import REGION_MEASURES, TOWN_MEASURES, categories, field_of
from pages._ui.texts import _, figure
from pipelines.serve import demography, queries, small_towns
from pipelines.serve.filters import SmstFilter
from pipelines.serve.store import Store

MEASURE = TOWN_MEASURES["role"]
PICKER = choice.Picker("town", "towns", map="smst_map", table="smst_table")
SHOWN = 500


def main(store: Store) -> None:
    """Draw the page."""
    st.title(_("What kind of small town is it?"))
    st.markdown(
        _(
            "Size alone is not the point: position and power are. Roles follow ESPON TOWN's ideas "
            "by estimated travel time and, where the municipality is known, functional urban "
            "areas: **our proxy**, not ESPON's classification."
        )
    )
    with st.sidebar:
        st.header(_("Filter towns"))
        selection = read_filter(store)
    town = choice.town(store, PICKER)
    rows = state.ask(store, small_towns.small_towns, selection)
    _map(store, selection, rows, town)
    if town:
        smst_view.show(store, town)
        like_towns.show(store, town)
    else:
        st.info(_("Choose a town by search, map or table to see it and the towns like it."))
    _counts(store, selection)
    st.subheader(_("Table"))
    if rows.empty:
        st.info(_("No town fits this filter. Remove a value in the sidebar."))
        return
    st.caption(
        _("The {shown} largest of {n}; downloads hold all of them.").format(
            shown=f"{min(len(rows), SHOWN):,}", n=f"{len(rows):,}"
        )
    )
    smst_view.table(store, rows.head(SHOWN), PICKER)
    downloads.buttons(store, "towns", "geonameid", rows["geonameid"].tolist(), selection.words())


def _map(
    store: Store, selection: SmstFilter, rows: pd.DataFrame, town: dict[str, Any] | None
) -> None:
    flags = state.ask(store, small_towns.role_classes, selection)
    selected = flags["is_selected"].to_numpy(dtype=bool).nonzero()[0]
    classes = classify(flags["role"], selected, MEASURE)
    boxes = state.ask(store, queries.region_bounds)
    box = town_profile.box_around(town) if town else state.box_around(boxes, selection.countries)
    with frame.map_left(
        store,
        PICKER,
        frame.town_deck(store, classes, town, box),
        _("Map of towns by role"),
        ("jrc_census_population", *field_of(store, MEASURE).sources, frame.LAND),
        title=_(MEASURE.question),
        captions=[
            _(
                "Settlements by role, GeoNames 2026 (2023 where newer is missing); the area of a "
                "circle follows the population. EPSG:3035."
            )
        ],
    ):
        card.of_town(store, town, MEASURE, flags["role"], classes)
        st.metric(_("Towns selected"), figure(len(rows)))
        town_profile.people_metric(rows)
        count = format.settlements(len(rows))
        frame.legend_of(store, MEASURE, classes, count)
        st.caption(_("A village near a town has no role of its own: it counts as no data."))


def _counts(store: Store, selection: SmstFilter) -> None:
    st.subheader(_("How many of each type"))
    counts = state.ask(store, small_towns.role_counts, selection)
    tables.show(
        counts.assign(
            size_class=counts["size_class"].map(words.code),
            role=[_("none of its own") if pd.isna(role) else _(role) for role in counts["role"]],
        ),
        {
            "size_class": _("size class"),
            "role": _("role"),
            "settlements": tables.number(_("settlements"), "localized"),
            "people": tables.number(_("people"), "localized"),
            "remote": _("remote"),
            "in_shrinking_regions": _("in shrinking regions"),
        },
        _("Towns by size class and role"),
    )


def read_filter(store: Store) -> SmstFilter:
    """Draw the filter and return the selection."""
    sizes = smst_view.sizes(store)
    histories = smst_view.HISTORIES
    span = state.ask(store, demography.years)
    is_by_years = span is not None and span["step"] == 1
    if not is_by_years:
        st.caption(
            _("Migration history of the region is no filter here: {reason}").format(
                reason=smst_view.unclassed()
            )
        )
    return SmstFilter(
        countries=state.countries(store),
        size_class=state.multiselect(
            _("Size class"),
            sizes,
            "size",
            format_func=sizes.get,
            words=lambda: smst_view.sizes(store),
        )
        or ("small_town", "medium_town"),
        role=state.multiselect(_("Role"), categories(TOWN_MEASURES, "role"), "role"),
        rank=state.multiselect(
            _("Rank"), smst_view.RANKS, "rank", format_func=smst_view.rank_in_words
        ),
        remoteness=state.multiselect(
            _("Remoteness"), categories(TOWN_MEASURES, "remoteness"), "remoteness"
        ),
        region_trend=state.multiselect(
            _("Trend of the region"), categories(REGION_MEASURES, "trend"), "trend"
        ),
        region_migration_history=state.multiselect(
            _("Migration history of the region"),
            histories,
            "history",
            help=_("By net migration of the NUTS-3 region; needs Eurostat's series."),
        )
        if is_by_years
        else (),
        fragility=state.multiselect(
            _("Fragile because"),
            fragile := smst_view.PARTS | smst_view.POSITIONS,
            "fragile",
            format_func=lambda part: _(fragile[part]),
        ),
    )


if __name__ == "__main__":  # as Streamlit runs a page's file
    directory.run(main)

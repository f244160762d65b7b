"""Towns: search by name, filter, map and list of settlements."""

from __future__ import annotations

import streamlit as st

from pages._ui import card, directory, downloads, format, frame, state, town_profile, words
from pages._ui import selection as choice
from pages._ui.classes import classify
from pages._ui.measures import REGION_MEASURES, TOWN_MEASURES, categories, field_of
from pages._ui.texts import _, echo, figure
from pipelines.serve import queries
from pipelines.serve.filters import TownFilter
from pipelines.serve.store import Store

MEASURE = TOWN_MEASURES["size_class"]
PICKER = choice.Picker("town", "towns", map="towns_map", table="towns_table")
SHOWN = 500
POPULATIONS = [500, 1000, 2000, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 20000000]


def main(store: Store) -> None:
    """Draw the page."""
    st.title(_("Which towns hold the regions together?"))
    with st.sidebar:
        st.header(_("Filter settlements"))
        selection = read_filter(store)
    town = choice.town(store, PICKER)
    rows = state.ask(store, queries.towns, selection)
    flags = state.ask(store, queries.town_classes, selection)
    selected = flags["size_class"].notna().to_numpy().nonzero()[0]
    classes = classify(flags["size_class"], selected, MEASURE)
    box: list[float] | None
    if town:
        box = town_profile.box_around(town)
    else:
        focus = [selection.region] if selection.region else selection.countries
        box = state.box_around(state.ask(store, queries.region_bounds), focus)
    named = words.size_classes(store)
    count = format.settlements(len(rows))
    with frame.map_left(
        store,
        PICKER,
        frame.town_deck(
            store,
            words.worded(classes, words.size_classes(store)),
            town,
            box,
            region=selection.region or "",
        ),
        _("Map of settlements by size class"),
        (*field_of(store, MEASURE).sources, "gisco_nuts_2021", frame.LAND),
        title=_(MEASURE.question),
        captions=[
            _(
                "Settlements by population, GeoNames 2026 (2023 where newer is missing); the area "
                "of a circle follows the population. EPSG:3035."
            )
        ],
    ):
        card.of_town(store, town, MEASURE, state.ask(store, queries.size_classes), classes, named)
        st.metric(_("Settlements selected"), figure(len(rows)))
        town_profile.people_metric(rows)
        frame.legend_of(store, MEASURE, words.worded(classes, named), count)
    st.subheader(_("Table"))
    if len(rows) > SHOWN:
        st.caption(
            _("The {shown} largest of {n}; the download holds all of them.").format(
                shown=SHOWN, n=f"{len(rows):,}"
            )
        )
    if len(rows):
        town_profile.table(store, rows.head(SHOWN), PICKER)
        ids = rows["geonameid"].tolist()
        downloads.buttons(store, "towns", "geonameid", ids, selection.words())
    else:
        st.info(_("No settlement fits this filter. Widen a range or remove a type in the sidebar."))


def read_filter(store: Store) -> TownFilter:
    """Draw the filter and return the selection."""
    countries = state.countries(store)
    sizes = words.size_classes(store)
    size_class = state.multiselect(
        _("Size class"),
        sizes,
        "size",
        default=["city", "medium_town", "small_town"],
        format_func=sizes.get,
        words=lambda: words.size_classes(store),
    )
    trends = categories(REGION_MEASURES, "trend")
    trend = state.multiselect(_("Trend of the region"), trends, "trend")
    least, most = state.open_range(_("Population"), POPULATIONS, "people")
    within = st.text_input(
        _("In the region"),
        key="within",
        bind="query-params",
        placeholder=_("NUTS code"),
        help=_("Code of any level, for instance DE7 for Hessen; the Regions page finds codes."),
    )
    within = within.strip().upper()
    is_code = choice.NUTS_CODE.fullmatch(within)
    if within and not (is_code and state.ask(store, queries.region, within)):
        st.warning(_("There is no region with the code {code}.").format(code=echo(within)))
    return TownFilter(
        countries=countries,
        size_class=size_class or tuple(sizes),
        region_trend=trend,
        population_min=least,
        population_max=most,
        region=within or None,
    )


if __name__ == "__main__":  # as Streamlit runs a page's file
    directory.run(main)

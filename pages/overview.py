"""Overview: what is growing and shrinking in Europe, and how to go on."""

from __future__ import annotations

from typing import Any

import pydeck as pdk
import streamlit as st

from pages._ui import card, charts, directory, format, frame, population, start, state, vega
from pages._ui import selection as choice
from pages._ui.classes import Classes, classify
from pages._ui.measures import REGION_MEASURES, field_of
from pages._ui.texts import N_, _
from pipelines.serve import demography, queries
from pipelines.serve.store import Store

MEASURE = REGION_MEASURES["change_pct"]
PICKER = choice.Picker("overview_region", "regions", map="overview_map")
STEPS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("regions", "filter_alt", N_("**Find regions** by country, type and change"), {}),
    (
        "regions",
        "trending_down",
        N_("**Rural regions that shrink**"),
        {"trend": "shrinking", "urban_rural": "predominantly rural"},
    ),
    ("shrinking", "query_stats", N_("**Why they shrink**: births, deaths, migration"), {}),
    ("remoteness", "distance", N_("**How remote** is a place, by car?"), {}),
    ("services", "local_hospital", N_("**Who reaches which service**, and who does not"), {}),
    ("towns", "search", N_("**Find a town** and see its region"), {}),
    (
        "small_towns",
        "holiday_village",
        N_("**What kind of small town** is it, and which are like it?"),
        {},
    ),
    ("social_places", "groups", N_("**Where people still meet**"), {}),
    ("what_fits", "checklist", N_("**What fits here**: practices for a town"), {}),
)


def main(store: Store) -> None:
    """Draw the page."""
    facts = state.ask(store, queries.europe)
    basis = state.ask(store, queries.population_basis)
    st.title(_("Where is Europe shrinking?"))
    st.markdown(
        _(
            "Hinterland shows which regions lose people, what kind of places they are, and which "
            "towns hold them together. All of it works offline, and every number can be traced to "
            "its source."
        )
    )
    who = start.show(store)
    _cards(store, facts, basis)
    _map(store, facts, basis)
    _charts(store, facts)
    _how_to_go_on(who)
    _what_figures_cover(facts, basis)


def _years(facts: dict[str, Any]) -> str:
    return _("{first} to {last}").format(first=facts["year_start"], last=facts["year_end"])


def _cards(store: Store, facts: dict[str, Any], basis: dict[str, Any]) -> None:
    limits, kind, years = state.thresholds(store), population.kind(basis), _years(facts)
    of = _("{n} of {total}")
    cards = st.columns(4)
    cards[0].metric(
        _("Regions that lost people"),
        of.format(n=f"{facts['losing']:,}", total=f"{facts['regions']:,}"),
        help=_("NUTS-3 regions with figures, {kind} {years}.").format(kind=kind, years=years),
        border=True,
    )
    cards[1].metric(
        _("People living in them"),
        format.millions(facts["people_in_losing"]),
        help=_("Population {last} of the regions that lost people since {first}.").format(
            last=facts["year_end"], first=facts["year_start"]
        ),
        border=True,
    )
    cards[2].metric(
        _("Regions that lost more than 5 %"),
        f"{facts['losing_5']:,}",
        help=_("Population change, {kind} {years}.").format(kind=kind, years=years),
        border=True,
    )
    cards[3].metric(
        _("Smaller towns in shrinking regions"),
        of.format(n=f"{facts['smst_in_shrinking']:,}", total=f"{facts['smst']:,}"),
        help=_(
            "Small and medium-sized towns, {low} to {high} people; the second number counts all "
            "of them, also in regions without figures."
        ).format(
            low=format.round_people(limits["size_small_town_min"]),
            high=format.round_people(limits["size_city_min"] - 1),
        ),
        border=True,
    )


def _map(store: Store, facts: dict[str, Any], basis: dict[str, Any]) -> None:
    values = state.ask(store, queries.region_values, 3, MEASURE.column)
    fixed = state.ask(store, queries.map_breaks, MEASURE.column) or []
    classes = classify(values["value"], None, MEASURE, "fixed", fixed)

    def deck() -> pdk.Deck:
        _more_years(store, basis)
        return frame.region_deck(store, "regions-3", classes)

    caption = _("Population change in % by NUTS-3 region, {kind} {years}, NUTS 2021.").format(
        kind=population.kind(basis), years=_years(facts)
    )
    with frame.map_left(
        store,
        PICKER,
        deck,
        _("Map of population change by NUTS-3 region"),
        (*field_of(store, MEASURE).sources, "gisco_nuts_2021", frame.PLACES, frame.LAND),
        title=_(MEASURE.question),
        captions=[f"{caption} EPSG:3035."],
    ):
        _legend(store, facts, classes)


def _more_years(store: Store, basis: dict[str, Any]) -> None:
    span = state.ask(store, demography.years)
    if not span:
        return
    text = (
        _(
            "These are {words}. Every year to 1 January {year}, with births, deaths and "
            "migration: **Shrinking regions**"
        )
        if span["step"] == 1
        else _(
            "These are {words}. Births, deaths and migration in periods of five years to 1 January "
            "{year}: **Shrinking regions**"
        )
    )
    st.page_link(
        "pages/shrinking.py",
        icon=":material/trending_down:",
        label=text.format(words=population.long_words(basis), year=span["last_year"]),
    )


def _legend(store: Store, facts: dict[str, Any], classes: Classes) -> None:
    """Draw the legend, and below it the region that was clicked."""
    count = _("{n} of {total} regions with figures").format(
        n=f"{facts['regions']:,}", total=f"{facts['regions_total']:,}"
    )
    values = state.ask(store, queries.region_values, 3, MEASURE.column)
    if PICKER.value:
        card.of_region(store, PICKER.value, MEASURE, values["nuts_id"], values["value"], classes)
    frame.legend_of(store, MEASURE, classes, count)
    if not PICKER.value:
        st.caption(
            _(
                "Click a region to read its value. Small ones are easier to find by the search "
                "above."
            )
        )


def _charts(store: Store, facts: dict[str, Any]) -> None:
    table = state.ask(store, queries.extremes)
    axis = _("change in %, {years}").format(years=_years(facts))
    first, second, third = st.columns(3)
    for column, side, title in (
        (first, "shrinking", _("Lost most, in %")),
        (second, "growing", _("Gained most, in %")),
    ):
        rows = table[table["side"] == side]
        places = rows.assign(place=rows["name"] + " (" + rows["nuts_id"].str[:2] + ")")
        column.header(title)
        vega.show(charts.bars(places, "change_pct", "place", axis), title, column)
    with third:
        st.header(_("By type of region"))
        types = state.ask(store, queries.by_type)
        types = types.assign(urban_rural=types["urban_rural"].map(_, na_action="ignore"))
        vega.show(
            charts.bars(types, "change_pct", "urban_rural", axis),
            _("Change by urban-rural type"),
        )
        st.caption(_("Change of the summed population of all regions of a type, with figures."))


def _how_to_go_on(who: str) -> None:
    """Draw the ways on, those of the visitor's role first."""
    first = start.FIRST_PAGES[who]
    told = {name for name, *_rest in STEPS}
    steps: list[tuple[str, str, str, dict[str, str]]] = [
        (entry.name, entry.icon, f"**{_(entry.title)}**: {_(entry.help)}", {})
        for entry in directory.PAGES
        if entry.name in first and entry.name not in told
    ]
    steps += [(name, icon, _(label), query) for name, icon, label, query in STEPS]
    steps.sort(key=lambda step: first.index(step[0]) if step[0] in first else len(first))
    st.header(_("How to go on"))
    columns = st.columns(3)
    for number, (name, icon, label, query) in enumerate(steps):
        columns[number % 3].page_link(
            f"pages/{name}.py",
            label=label,
            icon=f":material/{icon}:",
            query_params={key: _(value) for key, value in query.items()},
        )


def _what_figures_cover(facts: dict[str, Any], basis: dict[str, Any]) -> None:
    count = _("Figures cover {n} NUTS-3 regions of {countries} countries").format(
        n=f"{facts['regions']:,}", countries=facts["countries"]
    )
    which = f"{population.long_words(basis)}. {population.doubts(basis)}".rstrip()
    st.caption(f"{count}: {which} " + _("Other regions are shown as no data."))


if __name__ == "__main__":  # as Streamlit runs a page's file
    directory.run(main)

"""The table of regions and the profile of one."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import format, population, state, tables, travel
from pages._ui.links import link
from pages._ui.selection import Picker
from pages._ui.texts import N_, _, echo, plain
from pipelines.serve import demography, osm, queries
from pipelines.serve.store import Store

LISTED = (
    "nuts_id",
    "name",
    "country",
    "population_end",
    "change_pct",
    "annual_change_pct",
    "density_per_km2",
    "trend",
    "urban_rural",
    "smst_count",
    "largest_town",
)
_HEADS = tables.REGION_HEADS | {
    "change_pct": N_("Change, %"),
    "density_per_km2": N_("People per km²"),
    "urban_rural": N_("Urban-rural"),
    "largest_town": N_("Largest place"),
}
SORTS = {
    N_("lost most first"): ("change_pct", True),
    N_("gained most first"): ("change_pct", False),
    N_("largest first"): ("population_end", False),
    N_("smallest first"): ("population_end", True),
    N_("densest first"): ("density_per_km2", False),
    N_("sparsest first"): ("density_per_km2", True),
    N_("by name"): ("name", True),
}
PAGE = 150
TYPES = ("trend", "urban_rural", "mountain", "coastal", "border", "island", "metropolitan")


def page_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Draw order and page of a table; return the rows of that page.

    Sorting is done here, over the whole selection; a page keeps what travels small.
    """
    order, number = st.columns([3, 1])
    with order:
        column, rising = SORTS[state.select(_("Order"), {s: s for s in SORTS}, "order")]
    rows = rows.sort_values(column, ascending=rising, kind="stable", na_position="last")
    pages = max(1, -(-len(rows) // PAGE))
    label = _("Page of {n}").format(n=pages)
    page = number.selectbox(label, range(1, pages + 1), disabled=pages == 1)
    return rows.iloc[(page - 1) * PAGE : page * PAGE].reset_index(drop=True)


def table(store: Store, rows: pd.DataFrame, picker: Picker, rests_on_osm: bool = False) -> None:
    """Draw the table of a selection, with its source where that rests on OpenStreetMap."""
    tables.show(
        tables.narrow(
            rows[list(LISTED)],
            ("change_pct", "annual_change_pct", "density_per_km2"),
            ("country", "trend", "urban_rural"),
        ),
        tables.columns(store, "regions", LISTED, _HEADS, change_pct="%+.2f"),
        _("Selected regions"),
        height=300,
        picker=picker,
        ids=rows["nuts_id"].tolist(),
        credit=osm.ATTRIBUTION if rests_on_osm else "",
    )


def sentences(row: dict[str, Any], place: dict[str, Any] | None) -> list[str]:
    """Return the profile in plain sentences."""
    result = []
    if row["change_pct"] is not None:
        result.append(_change(row))
        if other := population.two_answers(row):
            result.append(other)
        if place:
            result.append(
                _(
                    "Of {total} regions of this level with figures, {below} lost more or gained "
                    "less."
                ).format(total=f"{place['total']:,}", below=f"{place['place'] - 1:,}")
            )
    elif row["regions_known"]:
        result.append(
            _(
                "Figures cover {known} of its {total} NUTS-3 regions ({share} of the area) with "
                "{people} people; so the whole is not known."
            ).format(
                known=row["regions_known"],
                total=row["regions_total"],
                share=f"{row['covered_area_share']:.0%}",
                people=f"{row['covered_population_end']:,}",
            )
        )
    else:
        result.append(
            _("There are no census figures for this region, and the series lacks one of the years.")
        )
    if row["largest_town"]:
        result.append(
            _(
                "Its largest place is {name} ({people} people); it holds {towns} small and "
                "medium-sized towns."
            ).format(
                name=plain(row["largest_town"]),
                people=f"{row['largest_town_population']:,}",
                towns=row["smst_count"],
            )
        )
    return result


def _change(row: dict[str, Any]) -> str:
    lost = _(
        "{name} lost {people} people between {first} and {last}: {change} %, or {annual} % a "
        "year. {now} people live there."
    )
    gained = _(
        "{name} gained {people} people between {first} and {last}: {change} %, or {annual} % a "
        "year. {now} people live there."
    )
    return (lost if row["change_people"] < 0 else gained).format(
        name=plain(row["name"]),
        people=f"{abs(row['change_people']):,}",
        first=row["year_start"],
        last=row["year_end"],
        change=f"{row['change_pct']:+.2f}",
        annual=f"{row['annual_change_pct']:+.2f}",
        now=f"{row['population_end']:,}",
    )


def _settled(store: Store, row: dict[str, Any]) -> list[str]:
    """Return what share of the official people the settlements sum to, and what follows."""
    if row["settled_share"] is None:
        return []
    limits = state.thresholds(store)
    text = _("Its listed settlements sum to {share} of the official population.")
    if row["settled_note"]:
        text = _(
            "Its listed settlements sum to {share} of the official population: {note}. Outside "
            "{low} to {high}, counts of towns and shares of listed people say little of a region."
        )
    return [
        text.format(
            share=f"{row['settled_share']:,.0%}",
            note=_(row["settled_note"] or ""),
            low=f"{limits['settled_low_share']:.0%}",
            high=f"{limits['settled_high_share']:.0%}",
        )
    ]


def show(store: Store, nuts_id: str) -> None:
    """Draw the profile of one region."""
    row = state.ask(store, queries.region, nuts_id)
    if row is None:
        st.warning(_("There is no region with the code {code}.").format(code=echo(nuts_id)))
        return
    st.divider()
    st.header(f"{plain(row['name'])} ({row['nuts_id']}), {_(row['country_name'])}")
    told = sentences(row, state.ask(store, queries.rank, nuts_id))
    far = travel.robust_words(store, row)
    for sentence in [*told, *_settled(store, row), *([far] if far else [])]:
        st.markdown(f"- {sentence}")
    cards = st.columns(4)
    year = _("Population {year}").format(year=row["year_end"] or "")
    cards[0].metric(year, format.people(row["population_end"]))
    cards[1].metric(_("Change"), format.percent(row["change_pct"], 2))
    cards[2].metric(_("People per km²"), format.number(row["density_per_km2"]))
    cards[3].metric(_("Area, km²"), format.number(row["area_km2"]))
    facts, context = st.columns(2)
    with facts:
        _types(store, row)
    with context:
        _context(store, nuts_id)
    line = _("Population and change: {words}.").format(words=population.region_words(row))
    st.caption(f"{line} {population.region_doubts(row)}".rstrip())
    if row["area_basis"] != "official":
        st.caption(_("Area and density by the outline: there is no official area."))
    _links(store, row)


def _types(store: Store, row: dict[str, Any]) -> None:
    """Draw the official types of a region."""
    st.subheader(_("What kind of region?"))
    columns = tables.columns(store, "regions", TYPES)
    kinds = {columns[name]["label"]: format.text(row[name]) for name in TYPES}
    kinds[_("In NUTS 2024")] = format.text(_later(row))
    rows = pd.DataFrame({"": list(kinds), "official type": [_(kind) for kind in kinds.values()]})
    tables.show(rows, {"official type": _("official type")}, _("Types of the region"))
    if row["level"] < 3:
        st.caption(_("Official types exist for level 3 only; larger regions show no data."))


def _context(store: Store, nuts_id: str) -> None:
    """Draw a region beside its country, the EU and regions of its type."""
    st.subheader(_("Compared with"))
    names = ("population_end", "change_pct", "density_per_km2")
    tables.show(
        state.ask(store, queries.region_context, nuts_id),
        {"place": "", "regions": _("NUTS-3 regions")}
        | tables.columns(store, "regions", names, _HEADS, change_pct="%+.2f"),
        _("Comparison with country and EU"),
    )
    st.caption(_("Change of summed populations, over NUTS-3 regions with figures."))


def _links(store: Store, row: dict[str, Any]) -> None:
    if row["level"] in state.ask(store, demography.levels, 2021):
        label = _("Births, deaths, migration of {name} (Eurostat)").format(name=row["name"])
        level = _(state.LEVELS[row["level"]])
        link("pages/shrinking.py", label, {"region": row["nuts_id"], "level": level})
    towns = _("Towns of {name}").format(name=row["name"])
    link("pages/towns.py", towns, {"within": row["nuts_id"]})


def _later(row: dict[str, Any]) -> str | None:
    """Return what became of a region in NUTS 2024."""
    if row["code_2024"] == row["nuts_id"]:
        if row["change_2024"] == "none":
            return _("same code")
        return _("same code; {change}").format(change=_(row["change_2024"]))
    if row["code_2024"]:
        change = row["change_2024"].lower()
        return f"{row['code_2024']} {row['name_2024'] or ''} ({_(change)})"
    change_only: str | None = row["change_2024"]
    return change_only

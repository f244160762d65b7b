"""The table of settlements and the profile of one."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import format, osm_view, state, tables, travel, words
from pages._ui.links import link
from pages._ui.selection import Picker
from pages._ui.texts import N_, _, plain
from pipelines.serve import queries
from pipelines.serve.mapfiles import on_map
from pipelines.serve.store import Store

AROUND_KM = 60
LISTED = (
    "name",
    "country_name",
    "region_name",
    "population",
    "size_class",
    "region_trend",
    "region_change_pct",
    "elevation_m",
)
RANKS = {
    "PPLC": N_("national capital"),
    "PPLA": N_("seat of a first-order division"),
    "PPLA2": N_("seat of a second-order division"),
    "PPLA3": N_("seat of a third-order division"),
    "PPLA4": N_("seat of a fourth-order division"),
}
PLACEMENTS = {
    "near": N_(
        "The generalised coastline cuts it off; it was given to the nearest region of its "
        "country, {km:.1f} km away."
    ),
    "island": N_(
        "The boundaries drop this island; it was given to the nearest region of its "
        "country, {km:.0f} km away."
    ),
    "border": N_(
        "The generalised border puts it in the neighbour country; it was given to the "
        "nearest region of its own, {km:.1f} km away."
    ),
    "municipality": N_("Its region is that of its municipality in Eurostat's list."),
    "admin code": N_("Its region is the one that its administrative division lies in."),
    "stated": N_("Its region is stated by a correction of the list."),
    "no regions": N_("Its country has no NUTS or statistical regions of 2021."),
}


def box_around(town: dict[str, Any]) -> list[float]:
    """Return a box on the map (km, EPSG:3035) around a settlement."""
    x, y = (float(v) for v in on_map(town["lon"], town["lat"]))
    return [x - AROUND_KM, y - AROUND_KM, x + AROUND_KM, y + AROUND_KM]


def people_metric(rows: pd.DataFrame) -> None:
    """Draw how many people live in some settlements; parts are counted in their wholes."""
    people = rows.loc[rows["part_of"].isna(), "population"].sum()
    st.metric(_("People living in them"), format.millions(float(people)))


def table(store: Store, rows: pd.DataFrame, picker: Picker) -> None:
    """Draw the table of settlements."""
    listed = rows[list(LISTED)].assign(size_class=rows["size_class"].map(words.short_size))
    tables.show(
        tables.narrow(
            listed, ["region_change_pct"], ["country_name", "size_class", "region_trend"]
        ),
        tables.columns(store, "towns", LISTED, region_change_pct="%+.2f"),
        _("Selected settlements"),
        height=300,
        picker=picker,
        ids=rows["geonameid"].tolist(),
    )


def show(store: Store, town: dict[str, Any]) -> None:
    """Draw the profile of one settlement."""
    st.divider()
    st.header(f"{plain(town['name'])}, {_(town['country_name'])}")
    cards = st.columns(4)
    cards[0].metric(_("Population"), format.people(town["population"]))
    cards[1].metric(_("Size class"), words.short_size(town["size_class"]))
    cards[2].metric(_("Elevation"), format.number(town["elevation_m"], "{:,.0f} m"))
    cards[3].metric(_("Change of its region"), format.percent(town["region_change_pct"], 2))
    for sentence in [*sentences(town), *_city(store, town)]:
        st.markdown(f"- {sentence}")
    if town["name_alternatives"]:
        others = ", ".join(town["name_alternatives"].split("|")[:12])
        st.caption(_("Also called: {names}").format(names=plain(others)))
    osm_view.of_profile(store, town["geonameid"])
    _near(store, town)
    if town["nuts_id"]:
        label = _("Profile of {name}").format(name=town["region_name"])
        link("pages/regions.py", label, {"region": town["nuts_id"]})


def sentences(town: dict[str, Any]) -> list[str]:
    """Return rank, region and placement of a settlement in sentences (Markdown)."""
    rank = RANKS.get(town["feature_code"] or "", N_("no administrative seat that GeoNames knows"))
    result = [_("Administrative rank by GeoNames: {rank}.").format(rank=_(rank))]
    if town["nuts_id"]:
        result.append(
            _(
                "NUTS-3 region: {name} ({code}), {trend}. A region's figures may not describe "
                "the town."
            ).format(
                name=plain(town["region_name"]),
                code=town["nuts_id"],
                trend=_(format.text(town["region_trend"])),
            )
        )
    if town["placement"] in PLACEMENTS:
        result.append(_(PLACEMENTS[town["placement"]]).format(km=town["placement_km"] or 0))
    return result


def _city(store: Store, town: dict[str, Any]) -> list[str]:
    """Return how far the next city is, where one is reached."""
    words = travel.city_words(store, town)
    return [words] if words else []


def _near(store: Store, town: dict[str, Any]) -> None:
    least = format.round_people(state.thresholds(store)["size_small_town_min"])
    st.subheader(_("Nearest towns of {least} people and more").format(least=least))
    near = state.ask(store, queries.nearby_towns, town["geonameid"])
    names = ("name", "country_name", "size_class", "population")
    tables.show(
        near.drop(columns="geonameid").assign(size_class=near["size_class"].map(words.short_size)),
        tables.columns(store, "towns", names)
        | {"distance_km": tables.number(_("Straight line, km"), "%.1f")},
        _("Nearest towns"),
    )
    st.caption(_("Straight-line distance on the sphere, not travel time."))

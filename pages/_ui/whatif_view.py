"""What if a site closed or opened: who loses and who gains how many minutes."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from pages._ui import address, format, frame, state, tables, town_profile, travel
from pages._ui.classes import Classes, classify
from pages._ui.measures import CHANGE
from pages._ui.selection import Picker
from pages._ui.texts import _, plain, said
from pipelines.core.errors import InputError
from pipelines.serve import queries, travel_queries
from pipelines.serve import travel as network_answers
from pipelines.serve.mapfiles import on_map
from pipelines.serve.reach import network
from pipelines.serve.store import Store

MARGIN_KM = 60
PICKER = Picker("town", "towns", map="whatif_map")
_SHOWN = (
    "name",
    "country_name",
    "region_name",
    "population",
    "minutes_before",
    "minutes_after",
    "change_min",
)


def show(store: Store, service: dict[str, Any], town: dict[str, Any] | None) -> None:
    """Draw the question and its answer."""
    if town is None:
        st.info(_("Choose a town by its name. Sites near it can close, and one can open in it."))
        return
    close, opens = _question(store, service, town)
    if not close and not opens:
        st.info(_("Choose sites that close, or open one."))
        return
    with st.spinner(_("Reading the network and the sites")):
        scenario = network_answers.scenario(store, service["service"])
    if travel.is_in_gap(store, service["service"], town["geonameid"]):
        st.warning(
            _(
                "The register has no sites of its own in the region of {town}: minutes there are "
                "not known, so its places are left out of the answer."
            ).format(town=plain(town["name"]))
        )
    started = time.perf_counter()
    try:
        changed = scenario.ask(close, [town["geonameid"]] if opens else [])
    except InputError as error:
        st.error(said(error))
        return
    _answer(store, service, town, changed, time.perf_counter() - started)


def _question(
    store: Store, service: dict[str, Any], town: dict[str, Any]
) -> tuple[tuple[str, ...], bool]:
    """Draw which sites close, and whether one opens."""
    near = state.ask(store, travel_queries.sites_near, service["service"], town["geonameid"])
    labels = {
        row["site_id"]: f"{row['name']} ({row['country']}, {row['distance_km']:.0f} km)"
        for row in near.to_dict("records")
    }
    close = state.multiselect(
        _("Close ({sites} near {town})").format(sites=_(service["plural"]), town=town["name"]),
        labels,
        "close",
        format_func=lambda i: labels.get(i, i),
    )
    label = _("Open a new one in {town}").format(town=town["name"])
    return close, address.checkbox(st, label, "open")


def _answer(
    store: Store,
    service: dict[str, Any],
    town: dict[str, Any],
    changed: pd.DataFrame,
    seconds: float,
) -> None:
    names = travel_queries.town_labels(store, changed["geonameid"].tolist())
    table = changed.drop(columns="population").merge(names, on="geonameid")
    box, classes = _map(store, changed, town)
    plural = _(service["plural"])
    with frame.map_left(
        store,
        PICKER,
        frame.town_deck(store, classes, town, box, service["service"]),
        _("Map of the change in minutes"),
        travel.sources_of(service),
        title=_("Who would be how much further from the nearest of the {sites}?").format(
            sites=plural
        ),
        note=travel.estimate(),
    ):
        _figures(table)
        count = _("{n} settlements changed").format(n=f"{len(table):,}")
        frame.legend_of(store, CHANGE, classes, count, _("out of view"))
        st.caption(_("Black dots are {sites}, as they are now.").format(sites=plural))
        st.caption(
            _("Answered in {seconds} s. Click a settlement to choose it.").format(
                seconds=f"{seconds:.2f}"
            )
        )
    _table(store, table)


def _map(store: Store, changed: pd.DataFrame, town: dict[str, Any]) -> tuple[list[float], Classes]:
    """Return the box of the map in km, and the classes of the settlements in and around it."""
    settlements = network(store).settlements
    position = changed["position"].to_numpy()
    box, inside = _view(settlements.lon, settlements.lat, position, town)
    # Unchanged settlements of the view are drawn too, so that one can be clicked.
    values = np.zeros(len(settlements))
    values[position] = changed["change_min"].to_numpy()
    bounds = state.ask(store, queries.map_breaks, "change_min") or []
    return box, classify(pd.Series(values), inside, CHANGE, "fixed", bounds)


def _view(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    changed: NDArray[np.int64],
    town: dict[str, Any],
) -> tuple[list[float], NDArray[np.int64]]:
    """Return the box of the map in km, and the positions of settlements in and around it."""
    west, south, east, north = town_profile.box_around(town)
    x, y = on_map(lon, lat)
    if len(changed):
        west, south = min(west, x[changed].min()), min(south, y[changed].min())
        east, north = max(east, x[changed].max()), max(north, y[changed].max())
    inside = (x >= west - MARGIN_KM) & (x <= east + MARGIN_KM)
    inside &= (y >= south - MARGIN_KM) & (y <= north + MARGIN_KM)
    return [west, south, east, north], inside.nonzero()[0]


def _figures(table: pd.DataFrame) -> None:
    change = table["change_min"]
    for label, rows in (
        (_("People who lose time"), table[change > 0]),
        (_("People who gain time"), table[change < 0]),
    ):
        each = _("{n} min each").format(n=f"{_mean(rows):+.1f}") if rows["people"].any() else None
        people = format.people(rows["people"].sum())
        st.metric(label, people, each, delta_color="off")
    lost = table["minutes_after"].isna() & table["minutes_before"].notna()
    if lost.any():
        people = format.people(table.loc[lost, "people"].sum())
        st.metric(_("People left with none"), people)


def _mean(rows: pd.DataFrame) -> float:
    people = rows["people"].astype(float)
    return float((rows["change_min"] * people).sum() / people.sum())


def _table(store: Store, table: pd.DataFrame) -> None:
    st.subheader(_("Table"))
    rows = table.assign(size=table["change_min"].abs() * table["people"].astype(float))
    tables.show(
        rows.sort_values("size", ascending=False)[list(_SHOWN)],
        travel.town_columns(store)
        | {
            "minutes_before": tables.number(_("Minutes before"), "%.1f"),
            "minutes_after": tables.number(_("Minutes after"), "%.1f"),
            "change_min": tables.number(_("Change"), "%+.1f"),
        },
        _("Settlements whose minutes change"),
        height=320,
    )
    st.caption(
        _(
            "Listed by people times minutes. Ways are by the same network as everywhere here; "
            "capacity, opening hours and public transport are not in it."
        )
    )

"""What if a site closed or opened: who loses and who gains how many minutes."""

from __future__ import annotations

import time
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import format, legend, state, town_profile, travel
from pages._ui.classes import classify
from pages._ui.remoteness_views import town_map
from pipelines.core.errors import InputError
from pipelines.geo.projection import to_laea
from pipelines.serve import queries
from pipelines.serve import travel_queries as asked
from pipelines.serve.store import Store

MARGIN_KM = 60
COLUMNS = {
    "name": "Name",
    "country_name": "Country",
    "region_name": "Region",
    "population": st.column_config.NumberColumn("People", format="localized"),
    "minutes_before": st.column_config.NumberColumn("Minutes before", format="%.1f"),
    "minutes_after": st.column_config.NumberColumn("Minutes after", format="%.1f"),
    "change_min": st.column_config.NumberColumn("Change", format="%+.1f"),
}


def show(store: Store, service: dict[str, Any], town: dict[str, Any] | None) -> None:
    """Draw the question and its answer."""
    if town is None:
        st.info("Choose a town by its name. Sites near it can close, and one can open in it.")
        return
    near: pd.DataFrame = state.ask(store, asked.sites_near, service["service"], town["geonameid"])
    labels = {
        row.site_id: f"{row.name_} ({row.country}, {row.distance_km:.0f} km)"
        for row in near.rename(columns={"name": "name_"}).itertuples()
    }
    close = state.multiselect(
        f"Close ({service['plural']} near {town['name']})",
        list(labels),
        "close",
        format_func=lambda i: labels.get(i, i),
    )
    opens = st.checkbox(f"Open a new one in {town['name']}", key="open", bind="query-params")
    if not close and not opens:
        st.info("Choose sites that close, or open one.")
        return
    ready = travel.scenario(store, service["service"])
    started = time.perf_counter()
    try:
        changed = ready.ask(close, [town["geonameid"]] if opens else [])
    except InputError as error:
        st.error(str(error))
        return
    _answer(store, service, town, changed, time.perf_counter() - started)


def _answer(
    store: Store,
    service: dict[str, Any],
    town: dict[str, Any],
    changed: pd.DataFrame,
    seconds: float,
) -> None:
    labels: pd.DataFrame = state.ask(store, asked.town_labels, tuple(changed["geonameid"].tolist()))
    table = changed.drop(columns="population").merge(labels, on="geonameid")
    net = travel.network(store)
    box, inside = _view(net, changed["position"].to_numpy(), town)
    # Unchanged settlements of the view are drawn too, so that one can be clicked.
    values = pd.Series(0.0, index=range(len(net.settlements)))
    values.iloc[changed["position"].to_numpy()] = changed["change_min"].to_numpy()
    bounds = state.ask(store, queries.map_breaks, "change_min")
    shown = travel.measure("Change", "minutes", "{:+g}", travel.GAIN_TO_LOSS)
    classes = classify(values, inside, shown, "fixed", bounds)
    left, right = st.columns([3, 1])
    with left:
        st.subheader(f"Who would be how much further from the nearest of the {service['plural']}?")
        picked = state.ask(store, queries.town_symbol, town["geonameid"])
        town_map(
            store,
            classes,
            "whatif_map",
            "Map of the change in minutes",
            picked,
            box,
            travel.sources_of(service),
            service["service"],
        )
    with right:
        _figures(table)
        legend.show(
            classes,
            "Change",
            "minutes, estimated",
            f"{len(table):,} settlements changed",
            True,
            "out of view",
        )
        st.caption(f"Black dots are {service['plural']}, as they are now.")
        st.caption(f"Answered in {seconds:.2f} s. Click a settlement to choose it.")
    st.subheader("Table")
    rows = table.assign(size=table["change_min"].abs() * table["population"].astype(float))
    st.dataframe(
        rows.sort_values("size", ascending=False)[list(COLUMNS)],
        column_config=COLUMNS,
        hide_index=True,
        height=320,
        alt="Settlements whose minutes change",
        placeholder=format.NONE,
    )
    st.caption(
        "Listed by people times minutes. Ways are by the same network as everywhere here; "
        "capacity, opening hours and public transport are not in it."
    )


def _figures(table: pd.DataFrame) -> None:
    lose, gain = table[table["change_min"] > 0], table[table["change_min"] < 0]
    for words, rows in (("lose", lose), ("gain", gain)):
        each = f"{_mean(rows):+.1f} min each" if len(rows) else None
        st.metric(
            f"People who {words} time",
            format.people(rows["population"].sum()),
            each,
            delta_color="off",
        )
    lost = table["minutes_after"].isna() & table["minutes_before"].notna()
    if lost.any():
        st.metric("People left with none", format.people(table.loc[lost, "population"].sum()))


def _mean(rows: pd.DataFrame) -> float:
    people = rows["population"].astype(float)
    return float((rows["change_min"] * people).sum() / people.sum())


def _view(net: Any, changed: Any, town: dict[str, Any]) -> tuple[list[float], list[int]]:
    """Box of the map in km, and the settlements in and around it."""
    box = town_profile.box_around(town)
    x, y = (v / 1000 for v in to_laea(net.settlements.lon, net.settlements.lat))
    if len(changed):
        box = [
            min(box[0], x[changed].min()),
            min(box[1], y[changed].min()),
            max(box[2], x[changed].max()),
            max(box[3], y[changed].max()),
        ]
    inside = (x >= box[0] - MARGIN_KM) & (x <= box[2] + MARGIN_KM)
    inside &= (y >= box[1] - MARGIN_KM) & (y <= box[3] + MARGIN_KM)
    return box, inside.nonzero()[0].tolist()

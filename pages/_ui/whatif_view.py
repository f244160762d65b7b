"""What if a site closed or opened: who loses and who gains how many minutes."""

from __future__ import annotations

import time
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import format, legend, state, town_profile, travel
from pages._ui.classes import classify
from pages._ui.remoteness_views import town_map
from pipelines.errors import InputError
from pipelines.geometry import to_laea
from pipelines.serve import queries
from pipelines.serve import travel_queries as asked
from pipelines.serve.store import Store

MARGIN_KM = 20
COLUMNS = {
    "name": "Name", "country_name": "Country", "region_name": "Region",
    "population": st.column_config.NumberColumn("People", format="localized"),
    "minutes_before": st.column_config.NumberColumn("Minutes before", format="%.1f"),
    "minutes_after": st.column_config.NumberColumn("Minutes after", format="%.1f"),
    "change_min": st.column_config.NumberColumn("Change", format="%+.1f"),
}  # fmt: skip


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
    close = state.multiselect(f"Close ({service['plural']} near {town['name']})", list(labels),
                              "close", format_func=lambda i: labels.get(i, i))  # fmt: skip
    opens = st.checkbox(f"Open a new one in {town['name']}", key="open", bind="query-params")
    if not close and not opens:
        st.info("Choose sites that close, or open one.")
        return
    started = time.perf_counter()
    try:
        changed = travel.scenario(store, service["service"]).ask(
            close, [town["geonameid"]] if opens else []
        )
    except InputError as error:
        st.error(str(error))
        return
    seconds = time.perf_counter() - started
    _answer(store, service, town, changed, seconds)


def _answer(
    store: Store, service: dict[str, Any], town: dict[str, Any], changed: pd.DataFrame,
    seconds: float,
) -> None:  # fmt: skip
    labels: pd.DataFrame = state.ask(store, asked.town_labels, tuple(changed["geonameid"].tolist()))
    table = changed.drop(columns="population").merge(labels, on="geonameid")
    net = travel.network(store)
    values = pd.Series(float("nan"), index=range(len(net.settlements)))
    values.iloc[changed["position"].to_numpy()] = changed["change_min"].to_numpy()
    bounds = state.ask(store, queries.map_breaks, "change_min")
    shown = travel.measure("Change", "minutes", "{:+.0f}", travel.GAIN_TO_LOSS)
    classes = classify(values, changed["position"].tolist(), shown, "fixed", bounds)
    left, right = st.columns([3, 1])
    with left:
        st.subheader(f"Who would be how much further from the nearest of the {service['plural']}?")
        town_map(store, classes, "whatif_map", "Map of the change in minutes",
                 state.ask(store, queries.town_position, town["geonameid"]),
                 _box(net, changed["position"].to_numpy(), town), travel.sources_of(service))  # fmt: skip
    with right:
        lose, gain = table[table["change_min"] > 0], table[table["change_min"] < 0]
        st.metric("People who lose time", format.people(lose["population"].sum()),
                  f"{_mean(lose):+.1f} min each" if len(lose) else None, delta_color="off")  # fmt: skip
        st.metric("People who gain time", format.people(gain["population"].sum()),
                  f"{_mean(gain):+.1f} min each" if len(gain) else None, delta_color="off")  # fmt: skip
        lost = table["minutes_after"].isna() & table["minutes_before"].notna()
        if lost.any():
            st.metric("People left with none", format.people(table.loc[lost, "population"].sum()))
        legend.show(classes, "Change", "minutes, estimated", f"{len(table):,} settlements", True,
                    "unchanged")  # fmt: skip
        st.caption(f"Answered in {seconds:.2f} s.")
    st.subheader("Table")
    rows = table.assign(size=table["change_min"].abs() * table["population"].astype(float))
    st.dataframe(
        rows.sort_values("size", ascending=False)[list(COLUMNS)], column_config=COLUMNS,
        hide_index=True, height=320, alt="Settlements whose minutes change",
        placeholder=format.NONE,
    )  # fmt: skip
    st.caption("Listed by people times minutes. Ways are by the same network as everywhere here; "
               "capacity, opening hours and public transport are not in it.")  # fmt: skip


def _mean(rows: pd.DataFrame) -> float:
    people = rows["population"].astype(float)
    return float((rows["change_min"] * people).sum() / people.sum())


def _box(net: Any, positions: Any, town: dict[str, Any]) -> list[float]:
    if not len(positions):
        return town_profile.box_around(town)
    x, y = to_laea(net.settlements.lon[positions], net.settlements.lat[positions])
    x, y = x / 1000, y / 1000
    return [x.min() - MARGIN_KM, y.min() - MARGIN_KM, x.max() + MARGIN_KM, y.max() + MARGIN_KM]

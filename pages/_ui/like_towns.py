"""Towns like one: choices, the ten nearest, and a warning when nothing is close."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages._ui import state, words
from pipelines.serve import comparison
from pipelines.serve.store import Store

METHODS = {
    "gower": "Gower: numbers and types, gaps allowed",
    "mahalanobis": "Mahalanobis: numbers only, correlation removed",
    "ranks": "Mean gap of ranks: robust to extremes",
}


def _weights(labels: dict[str, str]) -> tuple[tuple[str, float], ...]:
    with st.expander("Weights"):
        st.caption("1 counts once, 0 leaves it out. Mahalanobis has no weights.")
        columns = st.columns(4)
        chosen = {
            name: columns[i % 4].slider(label.capitalize(), 0.0, 3.0, 1.0, 0.5, key=f"w_{name}")
            for i, (name, label) in enumerate(labels.items())
        }
    return tuple((name, value) for name, value in chosen.items() if value != 1.0)


def show(store: Store, town: dict[str, Any], with_choices: bool = True) -> None:
    """Draw the towns most like one."""
    st.subheader(f"Towns like {town['name']}")
    method, weights, abroad, cases = "gower", (), False, False
    labels = state.ask(store, comparison.labels)
    if with_choices:
        first, second, third = st.columns([3, 2, 2])
        method = first.selectbox(
            "Measure",
            list(METHODS),
            format_func=METHODS.get,
            key="like_method",
            bind="query-params",
        )
        abroad = second.checkbox("Only other countries", key="like_abroad", bind="query-params")
        cases = third.checkbox("Only towns of case studies", key="like_cases", bind="query-params")
        weights = _weights(labels)
        if len(weights) == len(labels) and not any(w for _, w in weights):
            st.info("Give at least one weight above 0.")
            return
    with st.spinner("Comparing all settlements…", show_time=False):
        like = state.ask(
            store, comparison.towns_like, town["geonameid"], method, weights, abroad, cases
        )
    if not len(like.table):
        st.info("No town can be compared: too little is known. Gower allows gaps.")
        return
    if like.is_far:
        st.warning(
            f"Nothing is close: even the nearest town is farther away than for 95 % of all "
            f"settlements (distance {like.table['distance'].iloc[0]:.3f}, usual is up to "
            f"{like.usual:.3f})."
        )
    st.dataframe(
        like.table.drop(columns=["geonameid", "is_case"]),
        hide_index=True,
        alt="Towns most like the chosen one",
        row_height=52,
        column_config={
            "name": "Name",
            "country_name": "Country",
            "population": st.column_config.NumberColumn("Population", format="localized"),
            "is_close": st.column_config.CheckboxColumn(
                "Close",
                help=f"Up to a distance of {like.usual:.3f}, within which 95 % of all "
                "settlements have their nearest one.",
            ),
            "distance": st.column_config.NumberColumn("Distance", format="%.3f"),
            "differs": st.column_config.TextColumn("What separates most", width="large"),
            "shares": st.column_config.TextColumn("What they share", width="large"),
        },
        column_order=[
            "name",
            "country_name",
            "population",
            "distance",
            "is_close",
            "differs",
            "shares",
        ],
    )
    with st.expander("Why these: what they share and what separates them"):
        for row in like.table.to_dict("records"):
            st.markdown(
                f"**{words.plain(row['name'])}**, {row['country_name']}. "
                f"Shared: {words.plain(row['shares'])}. Apart: {words.plain(row['differs'])}."
            )
    st.caption(
        "Compared: " + ", ".join(labels.values()) + ". Resemblance is "
        "descriptive: it is no evidence that what worked there works here. Minutes are "
        "estimates."
    )
    links = st.columns(5)
    for i, row in enumerate(like.table.head(5).to_dict("records")):
        links[i].page_link(
            "pages/small_towns.py", label=row["name"], query_params={"town": str(row["geonameid"])}
        )

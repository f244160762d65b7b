"""Types of small towns: words, table and the profile with its evidence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import format, state
from pages._ui.measures import Measure
from pipelines.serve import small_towns
from pipelines.serve.store import Store

ROLES = {
    "agglomerated": "a city of 250 000 people lies within half an hour",
    "networked": "two or more towns of similar weight lie within half an hour",
    "autonomous": "neither; other towns are in reach, but not several of its weight",
    "isolated": "no other town lies within half an hour",
}
RANKS = {
    "capital": "capital",
    "regional_seat": "regional seat",
    "provincial_seat": "provincial seat",
    "largest_of_region": "largest town of its region",
    "none": "none",
}
REMOTENESS = ("pole", "belt", "intermediate", "peripheral", "ultra-peripheral")
SIZES = {
    "village": "Village (below 5 000)",
    "small_town": "Small town (5 000 to 24 999)",
    "medium_town": "Medium town (25 000 to 49 999)",
    "city": "City (50 000 and more)",
}
HISTORIES = {
    "long-lasting": "people came before 2011 and since",
    "former": "people came until 2010",
    "new": "people have come since 2011",
    "none": "in neither period have people come",
}
PARTS = {
    "is_shrinking": "its region shrinks",
    "is_remote": "remote",
    "is_without_rank": "without rank",
    "is_short_of_services": "short of services",
    "is_at_agglomerated_margin": "margin of an agglomeration",
}
MEASURE = Measure(
    "role",
    "Role",
    "What role do small towns play?",
    "",
    "{}",
    ("#0072b2", "#009e73", "#e69f00", "#7a0177"),
    ("geonames_cities500", "gisco_nuts_2021", "jrc_census_population"),
    tuple(ROLES),
)
_YES = {True: "yes", False: "no"}


def around(boxes: list[list[float] | None]) -> list[float] | None:
    """Return the box around several boxes (west, south, east, north), or None."""
    known = [b for b in boxes if b]
    if not known:
        return None
    west, south, east, north = zip(*known, strict=True)
    return [min(west), min(south), max(east), max(north)]


def table(rows: pd.DataFrame, on_select: Callable[[], None]) -> None:
    """Draw the table of towns with their type."""
    shown = rows.drop(columns=["geonameid", "lon", "lat"])
    shown["rank"] = shown["rank"].map(RANKS)
    st.dataframe(
        shown,
        hide_index=True,
        height=320,
        key="smst_table",
        on_select=on_select,
        selection_mode="single-row",
        alt="Selected towns",
        placeholder=format.NONE,
        column_config={
            "name": "Name",
            "country_name": "Country",
            "region_name": "NUTS-3 region",
            "population": st.column_config.NumberColumn("Population", format="localized"),
            "smst_type": st.column_config.TextColumn("Type (ours)", width="medium"),
            "role": "Role",
            "rank": "Rank",
            "minutes_to_city": st.column_config.NumberColumn("Minutes to a city", format="%.0f"),
            "similar_towns_near": "Similar towns near",
            "fragility_count": "Parts of fragility",
            "fragility_known": "of parts known",
        },
    )


def _part(town: dict[str, Any], name: str) -> str:
    value = town[name]
    return f"{PARTS[name]}: {format.NONE if value is None else _YES[value]}"


def show(store: Store, town: dict[str, Any]) -> None:
    """Draw the type of a town, each part with its evidence."""
    st.divider()
    st.header(f"{town['name']}, {town['country_name']}")
    st.markdown(f"**{town['smst_type']}** (our proxy)")
    cards = st.columns(4)
    cards[0].metric("Population", format.people(town["population"]))
    cards[1].metric("Role", town["role"] or "none of its own", help=ROLES.get(town["role"] or ""))
    cards[2].metric("Rank", RANKS.get(town["rank"], format.NONE))
    cards[3].metric("Change of its region", format.percent(town["region_change_pct"], 1))
    near = state.ask(store, small_towns.nearest_names, town["geonameid"])
    left, right = st.columns(2)
    with left:
        st.markdown("**Position** (estimated minutes by car)")
        st.markdown(
            "\n".join(
                f"- {label}: {format.number(row['minutes'], '{:.0f} min')}"
                + (f" ({row['name']})" if row["name"] else "")
                for label, row in near.items()
            )
            + f"\n- Other towns within half an hour: {format.number(town['towns_near'])}, of "
            f"similar weight {format.number(town['similar_towns_near'])}, larger "
            f"{format.number(town['larger_towns_near'])}"
            f"\n- People in villages whose nearest town it is: "
            f"{format.people(town['hinterland_people'])}"
        )
    with right:
        known, count = town["fragility_known"], town["fragility_count"]
        st.markdown(f"**Fragility**: {count} of {known} known parts hold")
        st.markdown("\n".join(f"- {_part(town, name)}" for name in PARTS))
        if history := town["region_migration_history"]:
            st.markdown(
                f"**Destination of migration**: {history} ({HISTORIES[history]}; net "
                "migration of its NUTS-3 region, our proxy)"
            )
        st.caption("A count of parts, no measure of need. Thresholds: Data & methods.")
    st.page_link(
        "pages/what_fits.py",
        label="What fits here",
        icon=":material/checklist:",
        query_params={"town": str(town["geonameid"])},
    )

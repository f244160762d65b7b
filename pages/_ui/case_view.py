"""Case studies: points, table, experiments, figures, and the place beside Europe's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import format, words
from pages._ui.maps import rgb
from pipelines.geo.projection import to_laea

Rows = list[dict[str, Any]]


def points(rows: Rows) -> list[dict[str, Any]]:
    """Return one point a case that has one (km, EPSG:3035); those where much was tried on top."""
    result = []
    for row in sorted(rows, key=lambda r: r["experiments"]):
        if row["lon"] is None:
            continue
        x, y = to_laea(row["lon"], row["lat"])
        result.append(
            {
                "id": row["id"],
                "name": row["name"],
                "text": words.code(row["kind"]),
                "x": round(x / 1000, 1),
                "y": round(y / 1000, 1),
                "colour": rgb("#7a0177" if row["experiments"] else "#777777"),
                "size": 9,
            }
        )
    return result


def table(rows: Rows, on_select: Callable[[], None]) -> None:
    """Draw the table of cases; a row can be chosen."""
    frame = pd.DataFrame(
        {
            "Name": [r["name"] for r in rows],
            "Country": [format.text(r["country_name"]) for r in rows],
            "Tried": [r["experiments"] for r in rows],
            "Kind": [words.code(r["kind"]) for r in rows],
            "Trend (document)": [words.code(r["trend"]) for r in rows],
            "Document": [f"{r['document']} {r['year']}" for r in rows],
        }
    )
    tried = st.column_config.NumberColumn("Tried", width=50, help="Experiments or plans described")
    st.dataframe(
        frame,
        hide_index=True,
        height=560,
        key="cases_table",
        on_select=on_select,
        selection_mode="single-row",
        alt="Case studies",
        column_config={"Tried": tried},
    )


def head(case: dict[str, Any]) -> None:
    """Draw what the document says of a place."""
    st.divider()
    local = f" ({case['name_local']})" if case["name_local"] else ""
    st.header(f"{case['name']}{local}")
    st.markdown(words.plain(case["summary"]))
    facts = {
        "Challenge": case["challenge"],
        "What kind of town the document makes it out to be": case["described_as"],
        "Population trend": words.code(case["trend"]),
        "Immigration": words.code(case["migration_history"]),
        "Region": case["region"],
    }
    st.markdown("\n".join(f"- {k}: {words.plain(v)}" for k, v in facts.items()))
    st.caption(words.plain(words.source(case)))
    if case["settlement_link"] != "exact":
        st.caption(
            f"Linked to settlements: {words.code(case['settlement_link'])}. "
            f"{words.plain(case['note']) if case['note'] else ''}"
        )


def experiment(row: dict[str, Any]) -> None:
    """Draw one experiment or plan."""
    with st.container(border=True):
        st.subheader(row["name"])
        facts = {
            "Challenge": row["challenge"],
            "What": row["what"],
            "Who": row["who"],
            "When": row["when_done"],
            "How many people": row["participants"],
            "Method": row["method"],
            "Result": row["result"],
            "Limits": row["limits"],
            "What it needs": row["needs"],
            "Where else it could work": row["replicability"],
            "What comes next": row["follow_up"],
        }
        st.markdown("\n".join(f"- **{k}:** {words.plain(v)}" for k, v in facts.items()))
        st.caption(words.plain(words.source(row)))


def figures(rows: pd.DataFrame) -> None:
    """Draw the figures, the document's and ours apart."""
    if not len(rows):
        return
    st.subheader("Figures")
    shown = pd.DataFrame(
        {
            "Measure": rows["measure"].map(words.code),
            "What exactly": rows["detail"],
            "As printed": rows["printed"],
            "Value": rows["value"],
            "Unit": rows["unit"],
            "Period": rows["period"],
            "Rough": rows["approximate"],
            "Whose": rows["whose"].map(words.WHOSE),
            "Section": rows["section_heading"],
            "Note": rows["note"],
        }
    )
    st.dataframe(shown, hide_index=True, alt="Figures of the case study", placeholder=format.NONE)


def in_europe(rows: pd.DataFrame, case: dict[str, Any]) -> None:
    """Draw the linked town and its region beside all others."""
    st.subheader("Beside Europe's towns and regions (our figures)")
    st.caption(
        f"The linked settlement is {case['town']} ({words.code(case['settlement_link'])}). Towns: "
        "all of 5 000 people and more; regions: NUTS 3. These are not the document's figures."
    )
    st.dataframe(
        rows,
        hide_index=True,
        alt="The place beside Europe's distribution",
        placeholder=format.NONE,
        column_config={
            "measure": "Measure",
            "unit": "Unit",
            "value": st.column_config.NumberColumn("Here", format="%.1f"),
            "low": st.column_config.NumberColumn("Lowest tenth below", format="%.1f"),
            "median": st.column_config.NumberColumn("Median", format="%.1f"),
            "high": st.column_config.NumberColumn("Highest tenth above", format="%.1f"),
            "below_pct": st.column_config.ProgressColumn(
                "Share of others below, %", min_value=0, max_value=100, format="%.0f"
            ),
            "compared": st.column_config.NumberColumn("Compared", format="localized"),
        },
        column_order=["measure", "value", "unit", "low", "median", "high", "below_pct", "compared"],
    )

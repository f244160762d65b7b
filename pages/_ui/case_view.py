"""Case studies: points, table, experiments, figures, and the place beside Europe's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import format, state, tables, words
from pages._ui.maps import map_point
from pages._ui.selection import Picker
from pages._ui.texts import N_, _, plain
from pipelines.serve.store import Store

Rows = list[dict[str, Any]]
# Label and unit of what a town and its region are compared in.
_BESIDE_EUROPE = {
    "population": (N_("Population of the town"), N_("people")),
    "region_change_pct": (N_("Population change of its region"), "%"),
    "region_density_per_km2": (N_("Density of its region"), N_("people per km²")),
    "elevation_m": (N_("Elevation of the town"), "m"),
    "minutes_to_city": (N_("Minutes by car to a city (estimate)"), N_("minutes")),
}
_EXPERIMENT = {
    "challenge": N_("Challenge"),
    "what": N_("What"),
    "who": N_("Who"),
    "when_done": N_("When"),
    "participants": N_("How many people"),
    "method": N_("Method"),
    "result": N_("Result"),
    "limits": N_("Limits"),
    "needs": N_("What it needs"),
    "replicability": N_("Where else it could work"),
    "follow_up": N_("What comes next"),
}


def points(rows: Rows) -> list[dict[str, Any]]:
    """Return one point a case that has one (km, EPSG:3035); those where much was tried on top."""
    return [
        map_point(
            row["id"],
            row["name"],
            words.code(row["kind"]),
            row["lon"],
            row["lat"],
            "#7a0177" if row["experiments"] else "#777777",
            9,
        )
        for row in sorted(rows, key=lambda r: r["experiments"])
        if row["lon"] is not None
    ]


def table(store: Store, rows: Rows, picker: Picker) -> None:
    """Draw the table of cases; a row can be chosen."""
    tried = _("Tried")
    frame = pd.DataFrame(
        {
            _("Name"): [r["name"] for r in rows],
            _("Country"): [_(format.text(r["country_name"])) for r in rows],
            tried: [r["experiments"] for r in rows],
            _("Kind"): [words.code(r["kind"]) for r in rows],
            _("Trend (document)"): [words.code(r["trend"]) for r in rows],
            _("Document"): [f"{r['document']} {r['year']}" for r in rows],
        }
    )
    narrow = tables.number(tried, width=50, help=_("Experiments or plans described"))
    tables.show(
        frame,
        {tried: narrow},
        _("Case studies"),
        height=560,
        picker=picker,
        ids=[row["id"] for row in rows],
    )


def head(case: Mapping[str, Any]) -> None:
    """Draw what the document says of a place."""
    st.divider()
    local = f" ({plain(case['name_local'])})" if case["name_local"] else ""
    st.header(f"{plain(case['name'])}{local}")
    st.markdown(plain(case["summary"]))
    facts = {
        _("Challenge"): case["challenge"],
        _("What kind of town the document makes it out to be"): case["described_as"],
        _("Population trend"): words.code(case["trend"]),
        _("Immigration"): words.code(case["migration_history"]),
        _("Region"): case["region"],
    }
    st.markdown("\n".join(f"- {k}: {plain(v)}" for k, v in facts.items()))
    st.caption(plain(words.source(case)))
    if case["settlement_link"] != "exact":
        line = _("Linked to settlements: {how}.").format(how=words.code(case["settlement_link"]))
        st.caption(f"{line} {plain(case['note']) if case['note'] else ''}")


def experiment(row: dict[str, Any]) -> None:
    """Draw one experiment or plan."""
    with st.container(border=True):
        st.subheader(plain(row["name"]))
        facts = {_(label): plain(row[name]) for name, label in _EXPERIMENT.items()}
        st.markdown("\n".join(f"- **{label}:** {value}" for label, value in facts.items()))
        st.caption(plain(words.source(row)))


def figures(store: Store, rows: pd.DataFrame) -> None:
    """Draw the figures, the document's and ours apart."""
    if not len(rows):
        return
    st.subheader(_("Figures"))
    figures = pd.DataFrame(
        {
            _("Measure"): rows["measure"].map(words.code),
            _("What exactly"): rows["detail"],
            _("As printed"): rows["printed"],
            _("Value"): rows["value"],
            _("Unit"): rows["unit"],
            _("Period"): rows["period"],
            _("Rough"): rows["approximate"],
            _("Whose"): rows["whose"].map(lambda whose: _(words.WHOSE[whose])),
            _("Section"): rows["section_heading"],
            _("Note"): rows["note"],
        }
    )
    tables.show(figures, None, _("Figures of the case study"))


def in_europe(store: Store, rows: pd.DataFrame, case: Mapping[str, Any]) -> None:
    """Draw the linked town and its region beside all others."""
    st.subheader(_("Beside Europe's towns and regions (our figures)"))
    least = state.thresholds(store)["size_small_town_min"]
    st.caption(
        _(
            "The linked settlement is {town} ({how}). Towns: all of {least} people and more; "
            "regions: NUTS 3. These are not the document's figures."
        ).format(
            town=plain(case["town"]),
            how=words.code(case["settlement_link"]),
            least=format.round_people(least),
        )
    )
    config = {
        "measure": _("Measure"),
        "value": tables.number(_("Here"), "%.1f"),
        "unit": _("Unit"),
        "low": tables.number(_("Lowest tenth below"), "%.1f"),
        "median": tables.number(_("Median"), "%.1f"),
        "high": tables.number(_("Highest tenth above"), "%.1f"),
        "below_pct": st.column_config.ProgressColumn(
            _("Share of others below, %"), min_value=0, max_value=100, format="%.0f"
        ),
        "compared": tables.number(_("Compared"), "localized"),
    }
    tables.show(
        rows.assign(
            measure=[_(_BESIDE_EUROPE[name][0]) for name in rows["measure"]],
            unit=[_(_BESIDE_EUROPE[name][1]) for name in rows["measure"]],
        ),
        config,
        _("The place beside Europe's distribution"),
        column_order=list(config),
    )

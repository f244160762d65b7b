"""Case studies: points, table, experiments, figures, and the place beside Europe's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import format, state, tables, words
from pages._ui.links import link
from pages._ui.maps import map_point
from pages._ui.selection import Picker
from pages._ui.texts import N_, _, plain
from pipelines.serve import cases
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


def read_address(store: Store, picker: Picker, by_id: Mapping[str, Any]) -> None:
    """Write the name of a case into the address that means it by another spelling.

    The widget that follows knows ids and names, and says what it does not know.
    """
    text = st.query_params.get(picker.target, "")
    if not text or picker.value in by_id or text in {case["name"] for case in by_id.values()}:
        return
    if meant := state.ask(store, cases.case_named, text):
        st.query_params[picker.target] = by_id[meant]["name"]
        st.rerun()


def _where(row: Mapping[str, Any], case: str) -> str:
    """Return " (in the part)" for what belongs to a part of a case, else nothing."""
    if row["case_study"] == case:
        return ""
    return " " + _("(in {part})").format(part=plain(row["case_study_name"]))


def head(case: Mapping[str, Any]) -> None:
    """Draw what the document says of a place."""
    st.divider()
    local = f" ({plain(case['name_local'])})" if case["name_local"] else ""
    st.header(f"{plain(case['name'])}{local}")
    st.markdown(plain(case["summary"]))
    if case["whole_name"]:
        st.markdown(_("Part of **{whole}**.").format(whole=plain(case["whole_name"])))
    if case["parts"]:
        parts = ", ".join(plain(part) for part in case["parts"])
        st.markdown(_("With its part **{parts}**, where it was tried.").format(parts=parts))
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


def experiment(row: dict[str, Any], case: str) -> None:
    """Draw one experiment or plan of a case or of its part."""
    with st.container(border=True):
        st.subheader(plain(row["name"]) + _where(row, case))
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
            _("Case study"): rows["case_study_name"],
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


def places(rows: Rows, case: str) -> None:
    """Draw the places of a case, then its events, programmes and bodies, each under its heading."""
    for kind, label in words.KINDS.items():
        if members := [row for row in rows if row["kind"] == kind]:
            st.subheader(_(label))
            st.markdown(
                "\n".join(
                    f"- **{plain(p['name'])}**{_where(p, case)} ({words.code(p['type'])}): "
                    f"{plain(p['description'])}"
                    for p in members
                )
            )


def answers(rows: Rows) -> None:
    """Draw what a document says of a case on the conditions of practices."""
    if not rows:
        return
    st.subheader(_("What the document says of its conditions"))
    shown = pd.DataFrame(
        {
            _("Question"): [_(row["question"]) for row in rows],
            _("Answer"): [words.code(row["answer"]) for row in rows],
            _("Whose"): [_(words.WHOSE[row["stated_by"]]) for row in rows],
            _("Section"): [row["section_heading"] for row in rows],
            _("Note"): [row["note"] for row in rows],
        }
    )
    tables.show(shown, None, _("Conditions as the document answers them"))


def regions(rows: Rows) -> None:
    """Draw the links of a country or nation to its regions."""
    st.subheader(_("Its regions"))
    for row in rows:
        text = _("{n} NUTS-3 regions").format(n=row["regions"])
        if row["with_trend"]:
            text = _("{n} NUTS-3 regions, {shrinking} of {known} with figures shrink").format(
                n=row["regions"], shrinking=row["shrinking"], known=row["with_trend"]
            )
        level = _(state.LEVELS[row["level"]])
        choices = {"region": row["nuts_id"], "level": level}
        link("pages/regions.py", f"{row['name']}: {text}", choices)
        if row["level"] == 0:
            country = _(row["country_name"])
            label = _("Only the regions of {name}").format(name=country)
            link("pages/regions.py", label, {"country": country})


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

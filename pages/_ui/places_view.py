"""Catalogued places: their map points, their table and one of them in full."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import format, tables, words
from pages._ui.maps import map_point
from pages._ui.measures import label_of
from pages._ui.selection import Picker
from pages._ui.texts import N_, _, plain
from pipelines.serve.store import Store

Rows = list[dict[str, Any]]
TRAIT_LABELS = {
    "public": N_("Public"),
    "inclusive": N_("Inclusive"),
    "hybrid": N_("Hybrid"),
    "repeated_encounter": N_("Repeated encounter"),
}
_FACTS = {
    "target_groups": N_("For"),
    "level": N_("Level"),
    "social_capital": N_("Social capital"),
    "focal_points": N_("Focal points (ReSOMA)"),
    "approaches": N_("Approaches (Action for Inclusion)"),
}


def points(rows: Rows) -> list[dict[str, Any]]:
    """Return one point a town (km, EPSG:3035), coloured by its most frequent kind."""
    groups: dict[tuple[float, float], Rows] = defaultdict(list)
    for row in rows:
        if row["lon"] is not None:
            groups[row["lon"], row["lat"]].append(row)
    result = []
    # Small circles on top of large ones.
    for (lon, lat), members in sorted(groups.items(), key=lambda town: (-len(town[1]), town[0])):
        kinds = Counter(m["kind"] for m in members)
        result.append(
            map_point(
                f"{lon},{lat}",
                members[0]["town"] or members[0]["name"],
                ", ".join(f"{n} {_(kind)}" for kind, n in kinds.most_common()),
                lon,
                lat,
                words.KIND_COLOURS[kinds.most_common(1)[0][0]],
                round(5 + 2 * len(members) ** 0.5, 1),
            )
        )
    return result


def table(store: Store, rows: Rows, picker: Picker) -> None:
    """Draw the table of places; a row can be chosen."""
    parts = {
        "name": [r["name"] for r in rows],
        "kind": [words.code(r["kind"]) for r in rows],
        "type": [words.code(r["type"]) for r in rows],
        "town": [format.text(r["town"]) for r in rows],
        "country_name": [_(format.text(r["country_name"])) for r in rows],
        "is_social_place": [words.social_place(r) for r in rows],
        "run_by": [words.codes(r["run_by"]) for r in rows],
        "status": [words.code(r["status"]) for r in rows],
        "document": [f"{r['document']} {r['year']}" for r in rows],
    }
    frame = pd.DataFrame(
        {label_of(store, "social_places", name): values for name, values in parts.items()}
    )
    ids = [row["id"] for row in rows]
    tables.show(frame, None, _("Social places"), height=320, picker=picker, ids=ids)


def card(row: dict[str, Any], figures: Rows) -> None:
    """Draw one place in full, with the figures that its document prints."""
    st.subheader(plain(row["name"]))
    st.caption(
        _("{kind}, {type_}; reach: {reach}; state in {year}: {state}").format(
            kind=words.code(row["kind"]),
            type_=words.code(row["type"]),
            reach=words.code(row["scope"]),
            year=row["year"],
            state=words.code(row["status"]),
        )
    )
    st.markdown(plain(row["description"]))
    if row["result"]:
        result = plain(row["result"])
        st.markdown(_("**What came of it:** {result}").format(result=result))
    st.markdown("\n".join(f"- {label}: {plain(value)}" for label, value in _facts(row).items()))
    if figures:
        lines = [f"- {plain(f['detail'])}: {plain(f['printed'])}" for f in figures]
        st.markdown("\n".join([_("**Figures as printed**"), "", *lines]))
    st.caption(
        _(
            "Traits, level, capital, focal points and approaches: judged by {whom}. Point: "
            "{exactness}. {source}"
        ).format(
            whom=_(words.JUDGED_BY[row["classified_by"]]),
            exactness=_(row["coordinate_exactness"]),
            source=plain(words.source(row)),
        )
    )


def _facts(row: dict[str, Any]) -> dict[str, str]:
    by_name = f" ({row['run_by_name']})" if row["run_by_name"] else ""
    return (
        {_("Run by"): words.codes(row["run_by"]) + by_name}
        | {_(label): words.codes(row[name]) for name, label in _FACTS.items()}
        | {_(label): words.code(row[name]) for name, label in TRAIT_LABELS.items()}
        | {_("Social place by the concept"): words.social_place(row)}
    )

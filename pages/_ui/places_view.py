"""Catalogued places: their map points, their table and one of them in full."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import format, words
from pages._ui.maps import rgb
from pipelines.geo.projection import to_laea

Rows = list[dict[str, Any]]
_TRAITS = {
    "public": "Public",
    "inclusive": "Inclusive",
    "hybrid": "Hybrid",
    "repeated_encounter": "Repeated encounter",
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
        x, y = to_laea(lon, lat)
        kinds = Counter(m["kind"] for m in members)
        result.append(
            {
                "id": f"{lon},{lat}",
                "name": members[0]["town"] or members[0]["name"],
                "text": ", ".join(f"{n} {k}" for k, n in kinds.most_common()),
                "x": round(x / 1000, 1),
                "y": round(y / 1000, 1),
                "colour": rgb(words.KIND_COLOURS[kinds.most_common(1)[0][0]]),
                "size": round(5 + 2 * len(members) ** 0.5, 1),
            }
        )
    return result


def table(rows: Rows, key: str, on_select: Callable[[], None]) -> None:
    """Draw the table of places; a row can be chosen."""
    frame = pd.DataFrame(
        {
            "Name": [r["name"] for r in rows],
            "Kind": [words.code(r["kind"]) for r in rows],
            "Type": [words.code(r["type"]) for r in rows],
            "Town": [format.text(r["town"]) for r in rows],
            "Country": [format.text(r["country_name"]) for r in rows],
            "Run by": [words.codes(r["run_by"]) for r in rows],
            "State": [words.code(r["status"]) for r in rows],
            "Document": [f"{r['document']} {r['year']}" for r in rows],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        height=320,
        key=key,
        on_select=on_select,
        selection_mode="single-row",
        alt="Social places",
    )


def card(row: dict[str, Any]) -> None:
    """Draw one place in full."""
    st.subheader(row["name"])
    st.caption(
        f"{words.code(row['kind'])}, {words.code(row['type'])}; reach: "
        f"{words.code(row['scope'])}; state in {row['year']}: "
        f"{words.code(row['status'])}"
    )
    st.markdown(words.plain(row["description"]))
    if row["result"]:
        st.markdown(f"**What came of it:** {words.plain(row['result'])}")
    facts = {
        "Run by": words.codes(row["run_by"])
        + (f" ({row['run_by_name']})" if row["run_by_name"] else ""),
        "For": words.codes(row["target_groups"]),
        "Level": words.codes(row["level"]),
        "Social capital": words.codes(row["social_capital"]),
        "Focal points (ReSOMA)": words.codes(row["focal_points"]),
        "Approaches (Action for Inclusion)": words.codes(row["approaches"]),
        **{label: words.code(row[name]) for name, label in _TRAITS.items()},
    }
    st.markdown("\n".join(f"- {k}: {words.plain(v)}" for k, v in facts.items()))
    st.caption(
        f"Traits, level, capital, focal points and approaches: judged by "
        f"{words.JUDGED_BY[row['classified_by']]}. "
        f"Point: {row['coordinate_exactness']}. {words.plain(words.source(row))}"
    )

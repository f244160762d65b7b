"""What fits here: the questionnaire and the explained practices."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import format, words
from pipelines.fits.judge import FAILS, HOLDS, UNKNOWN, Fit, Judged

FIRST = 10
_MARKS = {HOLDS: ":material/check_circle:", FAILS: ":material/cancel:", UNKNOWN: ":material/help:"}


def questionnaire(conditions: list[dict[str, Any]]) -> dict[str, str]:
    """Draw the questions and return the answers that were given."""
    answers = {}
    for position, row in enumerate(conditions):
        if position == FIRST:
            break
        answers[row["id"]] = _question(row)
    with st.expander(f"{len(conditions) - FIRST} more questions"):
        for row in conditions[FIRST:]:
            answers[row["id"]] = _question(row)
    return {name: value for name, value in answers.items() if value is not None}


def _question(row: dict[str, Any]) -> str | None:
    options = ["yes", "no"] if row["value_type"] == "boolean" else row["allowed_values"]
    return st.selectbox(
        row["question"],
        options,
        index=None,
        key=f"a_{row['id']}",
        bind="query-params",
        format_func=words.code,
        placeholder="not known",
        help=row["help"],
    )


def _line(verdict: str, judged: list[Judged]) -> str:
    texts = [
        f"{words.plain(j.row['question'])} ({words.plain(j.wanted)}"
        + (", needed" if j.row["strength"] == "needs" else "")
        + (", our inference)" if j.row["stated_by"] == "ours" else ")")
        for j in judged
    ]
    return f"{_MARKS[verdict]} **{verdict.capitalize()}**: {'; '.join(texts)}"


def card(number: int, fit: Fit, cases: dict[str, str]) -> None:
    """Draw one practice with why it stands where it stands."""
    row = fit.practice
    tried = ", ".join(cases.get(c, c) for c in row["tried_at"] or [])
    with st.container(border=True):
        st.markdown(f"**{number}. {words.plain(row['title'])}**")
        st.markdown(words.plain(row["action"]))
        for verdict in (HOLDS, FAILS, UNKNOWN):
            if judged := fit.of(verdict):
                st.markdown(_line(verdict, judged))
        if fit.cautions:
            texts = "; ".join(words.plain(j.row["question"]) for j in fit.cautions)
            st.markdown(f":material/warning: **Take care**: {texts}")
        outcome = words.plain(row["result"]) if row["result"] else "no result is reported"
        where = words.plain(tried) if tried else "no place is named"
        st.markdown(f"Tried in: {where}. Result: {outcome}")
        st.caption(
            f"Who acts: {words.codes(row['actors'])}. Cost: {words.code(row['cost_level'])} "
            f"({words.WHOSE[row['cost_by']]}); horizon: {words.code(row['horizon'])} (ours); "
            f"funding named: {words.codes(row['funding'])}. {words.plain(words.source(row))}"
        )


def table(fits: list[Fit]) -> None:
    """Draw all practices as a table."""
    frame = pd.DataFrame(
        {
            "Practice": [f.practice["title"] for f in fits],
            "Fit (-1 to 1)": [f.score for f in fits],
            "Holds": [len(f.of(HOLDS)) for f in fits],
            "Does not hold": [len(f.of(FAILS)) for f in fits],
            "Unknown": [len(f.of(UNKNOWN)) for f in fits],
            "Lacks what it needs": [f.is_blocked for f in fits],
            "Document": [f.practice["document"] for f in fits],
        }
    )
    st.dataframe(
        frame, hide_index=True, height=300, alt="All practices by fit", placeholder=format.NONE
    )


def concepts(rows: list[dict[str, Any]]) -> None:
    """Draw one conceptual table of the documents, without its empty columns."""
    columns = (
        "name",
        "subgroup",
        "origin",
        "meaning",
        "strengths",
        "weaknesses",
        "attention",
        "examples",
        "value",
        "url",
    )
    used = [c for c in columns if any(r[c] is not None for r in rows)]
    frame = pd.DataFrame({c.capitalize(): [r[c] for r in rows] for c in used})
    st.dataframe(
        frame, hide_index=True, row_height=60, alt="Conceptual table", placeholder=format.NONE
    )
    st.caption(" · ".join(dict.fromkeys(words.plain(words.source(r)) for r in rows)))

"""What fits here: the questionnaire and the explained practices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import state, tables, words
from pages._ui.texts import N_, _, plain
from pipelines.serve.fits import FAILS, HOLDS, UNKNOWN, Fit, Judged

FIRST = 10
_MARKS = {HOLDS: ":material/check_circle:", FAILS: ":material/cancel:", UNKNOWN: ":material/help:"}
_VERDICTS = {HOLDS: N_("Holds"), FAILS: N_("Does not hold"), UNKNOWN: N_("Unknown")}
_OPERATORS = {
    "is": "{values}",
    "is_not": N_("not {values}"),
    "any_of": "{values}",
    "at_least": N_("at least {values}"),
    "at_most": N_("at most {values}"),
}
_CONCEPT = {
    "name": N_("Name"),
    "subgroup": N_("Subgroup"),
    "origin": N_("Origin"),
    "meaning": N_("Meaning"),
    "strengths": N_("Strengths"),
    "weaknesses": N_("Weaknesses"),
    "attention": N_("Attention"),
    "examples": N_("Examples"),
    "value": N_("Value"),
    "url": N_("Url"),
}


def questionnaire(conditions: list[dict[str, Any]]) -> dict[str, str]:
    """Draw the questions and return the answers that were given."""
    answers = {row["id"]: _question(row) for row in conditions[:FIRST]}
    with st.expander(_("{n} more questions").format(n=len(conditions) - FIRST)):
        answers |= {row["id"]: _question(row) for row in conditions[FIRST:]}
    return {name: value for name, value in answers.items() if value is not None}


def _question(row: dict[str, Any]) -> str | None:
    options = ["yes", "no"] if row["value_type"] == "boolean" else row["allowed_values"]
    answer: str | None = state.select(
        _(row["question"]),
        options,
        f"a_{row['id']}",
        index=None,
        format_func=words.code,
        placeholder=_("not known"),
        help=_(row["help"]) if row["help"] else None,
    )
    return answer


def _requirement(row: Mapping[str, Any]) -> str:
    """Return what a condition asks for, in words."""
    values = _(" or ").join(map(words.code, row["value"].split(";")))
    return _(_OPERATORS[row["operator"]]).format(values=values)


def _line(verdict: str, judged: list[Judged]) -> str:
    texts = []
    for condition in judged:
        notes = [plain(_requirement(condition.row))]
        if condition.row["strength"] == "needs":
            notes.append(_("needed"))
        if condition.row["stated_by"] == "ours":
            notes.append(_("our inference"))
        texts.append(f"{plain(_(condition.row['question']))} ({', '.join(notes)})")
    return f"{_MARKS[verdict]} **{_(_VERDICTS[verdict])}**: {'; '.join(texts)}"


def card(number: int, fit: Fit, cases: dict[str, str]) -> None:
    """Draw one practice with why it stands where it stands."""
    row = fit.practice
    with st.container(border=True):
        st.markdown(f"**{number}. {plain(row['title'])}**")
        st.markdown(plain(row["action"]))
        for verdict in _MARKS:
            if judged := fit.of(verdict):
                st.markdown(_line(verdict, judged))
        if fit.cautions:
            texts = "; ".join(plain(_(condition.row["question"])) for condition in fit.cautions)
            st.markdown(_(":material/warning: **Take care**: {what}").format(what=texts))
        tried = ", ".join(cases.get(c, c) for c in row["tried_at"] or [])
        st.markdown(
            _("Tried in: {where}. Result: {result}").format(
                where=plain(tried) if tried else _("no place is named"),
                result=plain(row["result"]) if row["result"] else _("no result is reported"),
            )
        )
        st.caption(
            _(
                "Who acts: {actors}. Cost: {cost} ({whose}); horizon: {horizon} (ours); funding "
                "named: {funding}. {source}"
            ).format(
                actors=words.codes(row["actors"]),
                cost=words.code(row["cost_level"]),
                whose=_(words.WHOSE[row["cost_by"]]),
                horizon=words.code(row["horizon"]),
                funding=words.codes(row["funding"]),
                source=plain(words.source(row)),
            )
        )


def table(fits: list[Fit]) -> None:
    """Draw all practices as a table."""
    frame = pd.DataFrame(
        {
            _("Practice"): [f.practice["title"] for f in fits],
            _("Fit (-1 to 1)"): [f.score for f in fits],
            _("Holds"): [len(f.of(HOLDS)) for f in fits],
            _("Does not hold"): [len(f.of(FAILS)) for f in fits],
            _("Unknown"): [len(f.of(UNKNOWN)) for f in fits],
            _("Lacks what it needs"): [f.is_blocked for f in fits],
            _("Document"): [f.practice["document"] for f in fits],
        }
    )
    tables.show(frame, None, _("All practices by fit"), height=300)


def concepts(rows: list[dict[str, Any]]) -> None:
    """Draw one conceptual table of the documents, without its empty columns."""
    used = [name for name in _CONCEPT if any(row[name] is not None for row in rows)]
    frame = pd.DataFrame({_(_CONCEPT[name]): [row[name] for row in rows] for name in used})
    tables.show(frame, None, _("Conceptual table"), row_height=60)
    st.caption(" · ".join(dict.fromkeys(plain(words.source(row)) for row in rows)))

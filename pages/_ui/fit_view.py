"""What fits here: the questionnaire and the explained practices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import tables, words
from pages._ui.texts import N_, _, plain
from pipelines.serve.fits import FAILS, HOLDS, UNKNOWN, Fit, Judged

_MARKS = {HOLDS: ":material/check_circle:", FAILS: ":material/cancel:", UNKNOWN: ":material/help:"}
_VERDICTS = {HOLDS: N_("Holds"), FAILS: N_("Does not hold"), UNKNOWN: N_("Unknown")}
_OPERATORS = {
    "is": "{values}",
    "is_not": N_("not {values}"),
    "any_of": "{values}",
    "at_least": N_("at least {values}"),
    "at_most": N_("at most {values}"),
}
_WHERE = {
    "needs": N_("Cannot work without"),
    "fits": N_("Fits where"),
    "warns": N_("Take care where"),
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


def _requirement(row: Mapping[str, Any]) -> str:
    """Return what a condition asks for, in words."""
    values = _(" or ").join(map(words.code, row["value"].split(";")))
    return _(_OPERATORS[row["operator"]]).format(values=values)


def _line(verdict: str, judged: list[Judged]) -> str:
    return f"{_MARKS[verdict]} **{_(_VERDICTS[verdict])}**: {_conditions(judged)}"


def _conditions(judged: list[Judged]) -> str:
    """Return conditions as questions, each with what is asked for."""
    texts = []
    for condition in judged:
        notes = [plain(_requirement(condition.row))]
        if condition.row["strength"] == "needs":
            notes.append(_("needed"))
        if condition.row["stated_by"] == "ours":
            notes.append(_("our inference"))
        texts.append(f"{plain(_(condition.row['question']))} ({', '.join(notes)})")
    return "; ".join(texts)


def card(number: int, fit: Fit, cases: dict[str, str], is_own: bool) -> None:
    """Draw one practice with why it stands where it stands; ``is_own``: it was tried here."""
    with st.container(border=True):
        own = f" :material/home: {_('tried here')}" if is_own else ""
        lines = [
            f"**{number}. {plain(fit.practice['title'])}**{own}",
            plain(fit.practice["action"]),
            *(_line(verdict, judged) for verdict in _MARKS if (judged := fit.of(verdict))),
        ]
        if fit.cautions:
            texts = "; ".join(plain(_(condition.row["question"])) for condition in fit.cautions)
            lines.append(_(":material/warning: **Take care**: {what}").format(what=texts))
        _facts(fit.practice, cases, lines)


def browse_card(fit: Fit, cases: dict[str, str]) -> None:
    """Draw one practice without a town: what it answers, what to do, and where it fits."""
    with st.container(border=True):
        lines = [
            f"**{plain(fit.practice['title'])}**",
            f"*{plain(fit.practice['challenge'])}* {plain(fit.practice['action'])}",
        ]
        for strength, label in _WHERE.items():
            if judged := [j for j in fit.judged if j.row["strength"] == strength]:
                lines.append(f"**{_(label)}**: {_conditions(judged)}")
        _facts(fit.practice, cases, lines)


def _facts(row: Mapping[str, Any], cases: Mapping[str, str], lines: list[str]) -> None:
    """Draw lines on a practice, where it was tried, who acts, its cost, funds and source.

    All lines are one element: what a page costs its server follows their number.
    """
    tried = ", ".join(cases.get(c, c) for c in row["tried_at"] or [])
    lines.append(
        _("Tried in: {where}. Result: {result}").format(
            where=plain(tried) if tried else _("no place is named"),
            result=plain(row["result"]) if row["result"] else _("no result is reported"),
        )
    )
    st.markdown("\n\n".join(lines))
    funds = ", ".join(_(words.FUNDS[fund]) for fund in row["funding"] or [])
    st.caption(
        _(
            "Who acts: {actors}. Cost: {cost} ({whose}); horizon: {horizon} (ours); funding "
            "named: {funding}. {source}"
        ).format(
            actors=words.codes(row["actors"]),
            cost=words.code(row["cost_level"]),
            whose=_(words.WHOSE[row["cost_by"]]),
            horizon=words.code(row["horizon"]),
            funding=funds or words.codes(None),
            source=plain(words.source(row)),
        )
    )


def tried(own: list[Fit], ranked: list[Fit]) -> None:
    """Draw what the town tried itself, in the order of its fit, with its rank among all."""
    rank = {fit.practice["id"]: number for number, fit in enumerate(ranked, start=1)}
    lines = []
    for fit in own:
        result = fit.practice["result"]
        came = plain(result) if result else _("no result is reported")
        where = _("rank {n} of {total}").format(n=rank[fit.practice["id"]], total=len(ranked))
        lines.append(f"- **{plain(fit.practice['title'])}** ({where}): {came}")
    st.markdown("\n".join(lines))


def listing(fits: list[Fit], cases: dict[str, str]) -> None:
    """Draw the practices of a selection as a table."""
    rows = [fit.practice for fit in fits]
    frame = pd.DataFrame(
        {
            _("Practice"): [row["title"] for row in rows],
            _("Answers"): [row["challenge"] for row in rows],
            _("Who acts"): [words.codes(row["actors"]) for row in rows],
            _("Fund"): [", ".join(_(words.FUNDS[f]) for f in row["funding"] or []) for row in rows],
            _("Tried in"): [", ".join(cases[c] for c in row["tried_at"] or []) for row in rows],
            _("Document"): [row["document"] for row in rows],
        }
    )
    tables.show(frame, None, _("Practices"), height=300)


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

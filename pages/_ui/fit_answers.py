"""What fits here: the questionnaire, filled by the documents, and the self-assessment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages._ui import address, state, words
from pages._ui.texts import _, ngettext, plain
from pipelines.serve import catalogue, fits
from pipelines.serve.store import Store

FIRST = 10
LEFT_OPEN = "left_open"
_TOWN, _FILLED = "fits_town", "fits_filled"  # whose answers stand in the session, and which
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Given:
    """The answers of a visit.

    Attributes
    ----------
    all : dict of str to str
        Answer by condition, the user's own before the self-assessment's and the document's.
    by_user, by_document : dict of str to str
        Answer by question in words: those that the user gave or changed, and those of the
        documents that were left as they are.
    assessment : dict of str to str
        yes, partly or no by question of the self-assessment.
    """

    all: dict[str, str]
    by_user: dict[str, str]
    by_document: dict[str, str]
    assessment: dict[str, str]


def read(
    store: Store, geonameid: int, conditions: Rows, said: Mapping[str, Mapping[str, Any]]
) -> Given:
    """Draw the self-assessment and the questionnaire of a town and return the answers.

    Parameters
    ----------
    geonameid : int
        The town.
    conditions : sequence of mapping
        Conditions that the user answers.
    said : mapping
        Rows of ``case_conditions`` by condition: what the documents say of the town.
    """
    _fill(geonameid, conditions, {name: row["answer"] for name, row in said.items()})
    questions = state.ask(store, catalogue.self_assessment)
    assessed = _assessment(questions)
    settled = fits.settled(questions, assessed)
    st.subheader(_("What only you know"))
    if said:
        st.caption(
            _(
                "{n} questions are answered as the documents say of this town; change what you "
                "know better."
            ).format(n=len(said))
        )
    st.caption(_("Leave open what you do not know. Those that bear on most practices come first."))
    answered = _questionnaire(conditions, said)
    documented = {
        name: a for name, a in answered.items() if name in said and a == said[name]["answer"]
    }
    own = {name: a for name, a in answered.items() if name not in documented and a != LEFT_OPEN}
    asks = {row["id"]: row["question"] for row in conditions}
    texts = {row["id"]: row["asks"] for row in questions}
    return Given(
        {**documented, **settled, **own},
        {asks[name]: answer for name, answer in own.items()},
        {asks[name]: answer for name, answer in documented.items() if name not in settled},
        {texts[name]: answer for name, answer in assessed.items()},
    )


def _fill(geonameid: int, conditions: Rows, answers: Mapping[str, str]) -> None:
    """Put a town's answers of the documents into questions that the user has not answered.

    What stands there from another town's documents goes with that town; what an address or the
    user says stays.
    """
    if st.session_state.get(_TOWN) == geonameid:
        return
    before = st.session_state.get(_FILLED, {})
    for row in conditions:
        name, key = row["id"], f"a_{row['id']}"
        now = st.session_state.get(key)
        if now is None and key in st.query_params and name not in before:
            continue
        if now is None or now in (before.get(name), LEFT_OPEN):
            st.session_state[key] = answers.get(name)
    st.session_state[_TOWN], st.session_state[_FILLED] = geonameid, dict(answers)


def _questionnaire(conditions: Rows, said: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Draw the questions, those that a document answers first, and return the answers."""
    ordered = sorted(conditions, key=lambda row: row["id"] not in said)
    first = max(FIRST, len(said))
    answers = {row["id"]: _question(row, said.get(row["id"])) for row in ordered[:first]}
    rest = len(ordered) - first
    with st.expander(ngettext("{n} more question", "{n} more questions", rest).format(n=rest)):
        answers |= {row["id"]: _question(row, None) for row in ordered[first:]}
    return {name: value for name, value in answers.items() if value is not None}


def _question(row: Mapping[str, Any], said: Mapping[str, Any] | None) -> str | None:
    options = ["yes", "no"] if row["value_type"] == "boolean" else list(row["allowed_values"])
    # An answer that can be cleared would come back with the address.
    answer: str | None = state.select(
        _(row["question"]),
        [*options, LEFT_OPEN] if said else options,
        f"a_{row['id']}",
        index=None,
        format_func=words.code,
        placeholder=_("not known"),
        help=_(row["help"]) if row["help"] else None,
    )
    if said and answer == said["answer"]:
        line = _("As the document says ({whose}). {source}").format(
            whose=_(words.WHOSE[said["stated_by"]]), source=plain(words.source(said))
        )
        st.caption(line + (f" {plain(said['note'])}" if said["note"] else ""))
    return answer


def _assessment(questions: Rows) -> dict[str, str]:
    """Draw the self-assessment and return its answers."""
    with st.expander(_("Self-assessment: {n} questions").format(n=len(questions))):
        st.caption(
            _(
                "From the check-list for decision-makers of the PISTE paper, shortened by us. Each "
                "answer settles a condition of practices below; which one is our link."
            )
        )
        answers: dict[str, str | None] = {}
        heading = ""
        for row in questions:
            if row["subgroup"] != heading:
                heading = row["subgroup"]
                st.markdown(f"**{_(heading)}**")
            answers[row["id"]] = _assess(row)
    return {name: answer for name, answer in answers.items() if answer}


def _assess(row: Mapping[str, Any]) -> str | None:
    """Draw one question of the self-assessment."""
    label, key, options = _(row["asks"]), row["id"], [fits.YES, fits.PARTLY, fits.NO]
    stated = address.stated(key)
    codes = {option.upper(): option for option in options}
    if taken := address.taken(stated, lambda: list(map(words.code, options)), options, codes):
        st.session_state[key] = list(taken.values())[-1]
    answer: str | None = st.radio(
        label,
        options,
        index=None,
        key=key,
        bind="query-params",
        format_func=words.code,
        horizontal=True,
        help=_("Settles: {question}").format(question=_(row["question"])),
    )
    labels = [words.code(option) for option in options]
    return address.told(
        label, key, stated, answer, [words.code(answer), *taken], address.named(labels)
    )

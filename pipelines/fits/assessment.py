"""What the answers of a self-assessment say of the conditions of practices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

YES, PARTLY, NO = "yes", "partly", "no"


def settled(
    questions: Sequence[Mapping[str, Any]], answers: Mapping[str, str | None]
) -> dict[str, str]:
    """Return the answer to each condition that a self-assessment settles.

    Several questions may bear on one condition: one *no* gives its ``if_no``; only where all
    that were answered say *yes* does it get its ``if_yes``; *partly* leaves it open.

    Parameters
    ----------
    questions
        Rows of ``self_assessment``: ``id``, ``condition``, ``if_yes``, ``if_no``.
    answers
        ``yes``, ``partly`` or ``no`` by question; a question that is absent is open.
    """
    given: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for row in questions:
        if answer := answers.get(row["id"]):
            given.setdefault(row["condition"], []).append((answer, row))
    result: dict[str, str] = {}
    for condition, pairs in given.items():
        refused = [row["if_no"] for answer, row in pairs if answer == NO and row["if_no"]]
        if refused:
            result[condition] = refused[0]
            continue
        agreed = [row["if_yes"] for _, row in pairs if row["if_yes"]]
        if agreed and all(answer == YES for answer, _ in pairs):
            result[condition] = agreed[0]
    return result
